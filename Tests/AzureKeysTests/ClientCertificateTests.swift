import AcsEmulator
import Crypto
import CryptoExtras
import FoundationEssentials
import KeyMaterial
import Rotation
import Testing

@testable import AzureKeys

@Suite(.timeLimit(.minutes(15)))
struct ClientCertificateTests {
    private static func file(
        _ path: String, password: String? = nil, algorithm: AssertionAlgorithm = .ps256, sendsChain: Bool = false
    ) -> ClientCertificateFile {
        ClientCertificateFile(
            certificate: SecretFile(path: path, what: "the client certificate"),
            password: password.map { .file(SecretFile(path: $0, what: "the password")) }, algorithm: algorithm,
            sendsChain: sendsChain)
    }

    private static func unusable(_ text: String, password: String? = nil) -> String? {
        do {
            _ = try ClientCertificate(Array(text.utf8), password: password.map { Secret($0) })
            return nil
        } catch {
            return error.description
        }
    }

    private static func decoded(_ part: Substring) throws -> [String: JSONText] {
        let standard = String(part.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        let padded = standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        return try JSONDecoder().decode([String: JSONText].self, from: try #require(Data(base64Encoded: padded)))
    }

    private enum JSONText: Decodable, Equatable {
        case text(String)
        case number(Int64)
        case list([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else {
                self = .list(try container.decode([String].self))
            }
        }
    }

    @Test(arguments: AssertionAlgorithm.allCases, [false, true])
    func `the assertion says what RFC 7523 and Entra want`(algorithm: AssertionAlgorithm, sendsChain: Bool) throws {
        let test = try TestCertificate()
        let certificate = try ClientCertificate(Array(test.pem.utf8), password: nil)
        let assertion = try ClientCertificateCredential.assertion(
            certificate, Self.file("/x", algorithm: algorithm, sendsChain: sendsChain),
            audience: "https://login.example/t/oauth2/v2.0/token", clientID: "app", now: Fixture.now)
        let parts = assertion.withExposedText { $0 }.split(separator: ".")
        #expect(parts.count == 3)
        var header = try Self.decoded(parts[0])
        #expect(header.removeValue(forKey: "typ") == .text("JWT"))
        #expect(header.removeValue(forKey: "alg") == .text(algorithm.rawValue))
        let (name, digest) =
            algorithm == .ps256
            ? ("x5t#S256", Array(SHA256.hash(data: test.der))) : ("x5t", Array(Insecure.SHA1.hash(data: test.der)))
        #expect(header.removeValue(forKey: name) == .text(Base64URL.encode(digest)))
        let chain = [test.der, test.authorityDER].map { Data($0).base64EncodedString() }
        #expect(header.removeValue(forKey: "x5c") == (sendsChain ? .list(chain) : nil))
        #expect(header.isEmpty)
        var claims = try Self.decoded(parts[1])
        guard case .text(let id)? = claims.removeValue(forKey: "jti") else {
            Issue.record("there is no jti")
            return
        }
        #expect(UUID(uuidString: id) != nil)
        let second = Fixture.now.unixSeconds
        #expect(
            claims == [
                "aud": .text("https://login.example/t/oauth2/v2.0/token"), "iss": .text("app"), "sub": .text("app"),
                "nbf": .number(second), "iat": .number(second), "exp": .number(second + 600),
            ])
    }

    @Test
    func `PKCS1 and PKCS8, keys before and after certificates`() throws {
        let test = try TestCertificate()
        for pem in [
            test.pem, test.key.pemRepresentation + "\n" + TestCertificate.pem(test.der),
            "Bag Attributes\n    friendlyName: x\n" + TestCertificate.pem(test.der) + "Key Attributes: <none>\r\n"
                + test.key.pemRepresentation.replacing("\n", with: "\r\n"),
        ] {
            let certificate = try ClientCertificate(Array(pem.utf8), password: nil)
            #expect(certificate.chain.first == test.der)
            #expect(certificate.notValidAfter > Instant(unixSeconds: 1_795_996_800))
        }
    }

    @Test
    func `what cannot be used is told, without its content`() throws {
        let test = try TestCertificate()
        let other = try TestCertificate()
        let curve = P256.Signing.PrivateKey().pemRepresentation
        let body = test.key.pkcs8PEMRepresentation.split(whereSeparator: \.isNewline).dropFirst().first ?? ""
        for (text, words) in [
            ("", "neither PEM"), (TestCertificate.pem(test.der), "no private key"),
            (test.key.pkcs8PEMRepresentation, "no certificate"),
            (test.key.pkcs8PEMRepresentation + "\n" + TestCertificate.pem(other.der), "belongs to none"),
            (curve + "\n" + TestCertificate.pem(test.der), "RSA"),
            (test.pem.replacing(body, with: body.dropLast(8) + "!!!!!!!!"), "cannot be used"),
            (String(test.pem.prefix { $0 != "!" }).replacing("-----END PRIVATE KEY-----", with: ""), "has no line"),
        ] {
            let problem = Self.unusable(text)
            #expect(problem?.contains(words) == true, "\(words): \(problem ?? "nothing")")
            #expect(problem?.contains(body) == false)
        }
    }

    @Test(.enabled(if: OpenSSL.isThere))
    func `encrypted keys`() async throws {
        let directory = try TemporaryDirectory()
        let test = try TestCertificate()
        let plain = try directory.write(test.key.pkcs8PEMRepresentation, to: "plain.pem")
        let password = try directory.write("pass word", to: "password")
        let pkcs8 = directory.path + "/pkcs8.pem"
        let pkcs1 = directory.path + "/pkcs1.pem"
        try await OpenSSL.run(
            "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", plain, "-out", pkcs8, "-passout", "file:\(password)")
        try await OpenSSL.run(
            "rsa", "-traditional", "-aes256", "-in", plain, "-out", pkcs1, "-passout", "file:\(password)")
        for path in [pkcs8, pkcs1] {
            let key = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
            #expect(key.contains("ENCRYPTED"))
            let pem = key + TestCertificate.pem(test.der)
            #expect(Self.unusable(pem, password: "pass word") == nil)
            #expect(Self.unusable(pem, password: "password")?.contains("another password") == true)
            #expect(Self.unusable(pem)?.contains("no password is given") == true)
        }
    }

    @Test(
        .enabled(if: OpenSSL.isThere),
        arguments: [
            [], ["-certpbe", "aes-128-cbc", "-keypbe", "aes-192-cbc"], ["-certpbe", "NONE", "-keypbe", "NONE"],
        ], ["pass wörd", ""])
    func `PKCS12 as OpenSSL 3 writes it`(options: [String], password: String) async throws {
        let directory = try TemporaryDirectory()
        let test = try TestCertificate()
        let key = try directory.write(test.key.pkcs8PEMRepresentation, to: "key.pem")
        let leaf = try directory.write(TestCertificate.pem(test.der), to: "leaf.pem")
        let authority = try directory.write(TestCertificate.pem(test.authorityDER), to: "authority.pem")
        let secret = try directory.write(password + "\n", to: "password")
        let path = directory.path + "/certificate.pfx"
        try await OpenSSL.run(
            ["pkcs12", "-export", "-inkey", key, "-in", leaf, "-certfile", authority, "-out", path]
                + ["-passout", "file:\(secret)"] + options)
        let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
        let certificate = try ClientCertificate(bytes, password: password.isEmpty ? nil : Secret(password))
        #expect(certificate.chain == [test.der, test.authorityDER])
        #expect(certificate.key.derRepresentation == test.key.derRepresentation)
        for cut in [0, 1, 4, 30, bytes.count / 2, bytes.count - 1] {
            #expect(throws: ClientCertificate.Unusable.self) {
                try ClientCertificate(Array(bytes.prefix(cut)), password: Secret(password))
            }
        }
        guard !options.contains("NONE") else { return }
        #expect(throws: ClientCertificate.Unusable.self) { try ClientCertificate(bytes, password: Secret("another")) }
    }

    @Test(.enabled(if: OpenSSL.isThere))
    func `PKCS12 without key, without certificate, and in the old way`() async throws {
        let directory = try TemporaryDirectory()
        let test = try TestCertificate()
        let key = try directory.write(test.key.pkcs8PEMRepresentation, to: "key.pem")
        let leaf = try directory.write(TestCertificate.pem(test.der), to: "leaf.pem")
        let path = directory.path + "/certificate.pfx"
        for (options, words) in [
            (["-nokeys", "-in", leaf], "no private key"), (["-inkey", key, "-nocerts", "-in", key], "no certificate"),
            (
                ["-inkey", key, "-in", leaf, "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"],
                "openssl pkcs12 -legacy"
            ),
        ] {
            try await OpenSSL.run(["pkcs12", "-export", "-out", path, "-passout", "pass:x"] + options)
            let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
            let problem = #expect(throws: ClientCertificate.Unusable.self) {
                try ClientCertificate(bytes, password: Secret("x"))
            }
            #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
        }
    }

    @Test
    func `Entra takes both algorithms, and registered certificates only`() async throws {
        let directory = try TemporaryDirectory()
        let test = try TestCertificate()
        let expired = try TestCertificate(days: -1)
        try await EmulatorCredentialTests.run({ $0.clientCertificates = [test.der, expired.der] }) { emulator in
            func failure(_ pem: String, _ algorithm: AssertionAlgorithm, sendsChain: Bool = false) async throws
                -> Failure?
            {
                let path = try directory.write(pem, to: "certificate.pem")
                return try await EmulatorCredentialTests.listing(
                    emulator,
                    .clientCertificate(
                        tenant: emulator.tenantID, clientID: emulator.clientID,
                        Self.file(path, algorithm: algorithm, sendsChain: sendsChain)))
            }
            for algorithm in AssertionAlgorithm.allCases {
                #expect(try await failure(test.pem, algorithm) == nil)
                #expect(try await failure(test.pem, algorithm, sendsChain: true) == nil)
                let stranger = try await failure(try TestCertificate().pem, algorithm)
                #expect(stranger?.reason == .unauthenticated)
                #expect(stranger?.detail.contains("AADSTS700027") == true)
                let late = try await failure(expired.pem, algorithm)
                #expect(late?.detail.contains("the client certificate, which expired on ") == true)
                #expect(late?.detail.contains("AADSTS1000502") == true)
            }
        }
    }

    @Test
    func `a certificate that is renewed while the old one is refused is tried at once`() async throws {
        let directory = try TemporaryDirectory()
        let (old, new) = (try TestCertificate(), try TestCertificate())
        let path = try directory.write(old.pem, to: "certificate.pem")
        let setup = Fixture.Setup(credential: { _ in
            .clientCertificate(tenant: "t", clientID: "c", Self.file(path))
        })
        let newPEM = new.pem
        try await Fixture.run(setup) { request in
            if (try? String(contentsOf: URL(filePath: path), encoding: .utf8)) != newPEM {
                _ = try? directory.write(newPEM, to: "certificate.pem")
                return .answer(401, #"{"error":"invalid_client","error_description":"AADSTS700027: no"}"#)
            }
            return .answer(200, #"{"access_token":"tok","expires_in":3599}"#)
        } _: { fixture in
            _ = try await fixture.clients.tokens.token()
            #expect(fixture.server.requests.count == 2)
        }
    }
}
