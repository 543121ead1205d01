import Crypto
import FoundationEssentials

/// What a page may do in a browser: use the style and the script that stand in it, and ask its own server again.
package enum ContentSecurityPolicy {
    /// The value of `Content-Security-Policy`.
    package static let value = [
        "default-src 'none'", "style-src \(hash(Stylesheet.text))", "script-src \(hash(RefreshScript.text))",
        "connect-src 'self'", "img-src data:", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private static func hash(_ text: StaticString) -> String {
        let digest = text.withUTF8Buffer { SHA256.hash(data: Data($0)) }
        return "'sha256-\(Data(digest).base64EncodedString())'"
    }
}
