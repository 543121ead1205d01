/// The journal field for a metadata key: `keyType` and `key-type` become `KEYTURN_KEY_TYPE`.
///
/// journald ignores a field whose name has anything but `A` to `Z`, `0` to `9` and `_`, begins with `_` or a digit,
/// or is longer than 64 bytes (sd_journal_print(3), systemd.journal-fields(7)).
package func journalFieldName(_ key: String) -> String {
    var words = ""
    var previous: Unicode.Scalar?
    let scalars = Array(key.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
        guard isASCIILetterOrDigit(scalar) else {
            if !words.isEmpty, !words.hasSuffix("_") { words += "_" }
            previous = nil
            continue
        }
        if let previous, isUpper(scalar) {
            let next = index + 1 < scalars.count ? scalars[index + 1] : "_"
            // "keyType" is two words, and so is "HTTPStatus".
            if !isUpper(previous) || isLower(next) { words += "_" }
        }
        words += String(Character(scalar)).uppercased()
        previous = scalar
    }
    while words.hasSuffix("_") { words.removeLast() }
    if words.isEmpty { words = "UNNAMED" }
    let name = words == "KEYTURN" || words.hasPrefix("KEYTURN_") ? words : "KEYTURN_" + words
    return String(name.prefix(64))
}

private func isUpper(_ scalar: Unicode.Scalar) -> Bool {
    ("A"..."Z").contains(scalar)
}

private func isLower(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar)
}

private func isASCIILetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    isUpper(scalar) || isLower(scalar) || ("0"..."9").contains(scalar)
}
