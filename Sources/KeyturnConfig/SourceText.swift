/// The text of one configuration file, known to be of bounded size, UTF-8, and free of characters that no editor shows.
struct SourceText {
    static let sizeLimit = 1 << 20

    let file: String
    /// Without a byte order mark at the start.
    let bytes: [UInt8]

    /// - Throws: the reason why the bytes are no text, as an error at the first bad one.
    init(_ source: ConfigurationSource) throws(Diagnostic) {
        file = source.path
        let start = SourceMark(file: source.path, line: 1, column: 1)
        guard source.bytes.count <= Self.sizeLimit else {
            throw Diagnostic(
                .error, "the file is larger than \(Self.sizeLimit) bytes (1 MiB)", at: start)
        }
        let utf16 = source.bytes.starts(with: [0xff, 0xfe]) || source.bytes.starts(with: [0xfe, 0xff])
        if utf16 {
            throw Diagnostic(.error, "the file is UTF-16 text", hint: "save it as UTF-8", at: start)
        }
        bytes = Array(source.bytes.dropFirst(source.bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0))
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.invalidUTF8(bytes, file: file) }
        try Self.refuseInvisible(text, file: file)
    }

    /// The lines, without their ends; one more than there are line ends.
    var lines: [Substring] {
        String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false) { $0.isNewline }
    }

    private static func invalidUTF8(_ bytes: [UInt8], file: String) -> Diagnostic {
        var place = Place(file: file)
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            place.advance(over: scalar)
        }
        return Diagnostic(
            .error, "this byte is not UTF-8", hint: "save the file as UTF-8, or remove the character", at: place.mark)
    }

    /// Refuses what YAML does not allow, and the line separators that YAML counts as line ends and editors do not.
    private static func refuseInvisible(_ text: String, file: String) throws(Diagnostic) {
        guard text.utf8.contains(where: { $0 < 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 || $0 >= 0x7f }) else {
            return
        }
        var place = Place(file: file)
        for scalar in text.unicodeScalars {
            if let name = refusal(of: scalar) {
                throw Diagnostic(
                    .error, "\(name) is not allowed in the file", hint: "remove the character", at: place.mark)
            }
            place.advance(over: scalar)
        }
    }

    private static func refusal(of scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x09, 0x0a, 0x0d, 0x20...0x7e: nil
        case 0: "a NUL character"
        case 0x85, 0x2028, 0x2029: "the line separator U+\(hex(scalar))"
        case 0xfeff: "a byte order mark (U+FEFF) after the start"
        case 0x01...0x1f, 0x7f...0x9f: "the control character U+\(hex(scalar))"
        case 0xfffe, 0xffff: "the noncharacter U+\(hex(scalar))"
        default: nil
        }
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private struct Place {
        let file: String
        var line = 1
        var column = 1
        var afterCarriageReturn = false

        var mark: SourceMark { SourceMark(file: file, line: line, column: column) }

        mutating func advance(over scalar: Unicode.Scalar) {
            switch scalar {
            case "\n" where afterCarriageReturn: break
            case "\n", "\r":
                line += 1
                column = 1
            default: column += 1
            }
            afterCarriageReturn = scalar == "\r"
        }
    }
}
