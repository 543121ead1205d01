extension String {
    /// Every byte but the unreserved ones (RFC 3986 section 2.3) as `%XX`: for path segments, queries and forms.
    var percentEncoded: String {
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in utf8 {
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character)) {
                result.append(character)
            } else {
                result += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return result
    }
}
