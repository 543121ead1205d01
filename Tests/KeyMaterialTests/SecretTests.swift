import KeyMaterial
import Testing

struct SecretTests {
    private static let content = "correct horse battery staple"

    private struct Holder {
        var secret = Secret(SecretTests.content)
        var others: [String: Secret?] = ["a": Secret(SecretTests.content)]
    }

    private enum Wrapped: Error {
        case secret(Secret)
    }

    @Test
    func `no way of printing shows the content`() {
        let secret = Secret(Self.content)
        var printed = ""
        var dumped = ""
        print(secret, Optional(secret) as Any, [secret], to: &printed)
        dump(Holder(), to: &dumped)
        let texts = [
            "\(secret)", String(describing: secret), String(reflecting: secret), secret.debugDescription,
            "\(Holder())", String(reflecting: Holder()), "\(Wrapped.secret(secret))", "\([secret: secret])",
            "\(Mirror(reflecting: secret).children.map { "\($0)" })", printed, dumped,
        ]
        for text in texts { #expect(!text.contains("horse"), "\(text)") }
        #expect("\(secret)" == "<secret>")
    }

    @Test
    func `the one door`() throws {
        #expect(Secret(Self.content).withExposedText { $0.count } == Self.content.count)
        #expect(throws: Wrapped.self) { try Secret("x").withExposedText { throw Wrapped.secret(Secret($0)) } }
        #expect(Secret("").isEmpty)
        #expect(!Secret("x").isEmpty)
    }

    @Test
    func `equal when the content is`() {
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
        #expect(Set([Secret("a"), Secret("a"), Secret("b")]).count == 2)
    }
}
