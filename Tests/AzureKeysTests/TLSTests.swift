import AzureKeys
import FoundationEssentials
import Rotation
import Testing

@Suite(.timeLimit(.minutes(15)))
struct TLSTests {
    private static func withFile(_ text: String, _ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(component: "\(UUID().uuidString).pem")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file.path)
    }

    private static func outcome(
        of authority: TestAuthority, trusting caFile: String?
    ) async throws -> (outcome: RegenerateOutcome, requests: Int) {
        let setup = Fixture.Setup(
            cloudURL: { "https://127.0.0.1:\($0.port)" }, tls: authority.server, caFile: caFile)
        return try await Fixture.run(setup) {
            .answer(200, $0.keys().pair(.secondary))
        } _: { fixture in
            (await fixture.regenerate(), fixture.server.requests.count)
        }
    }

    @Test
    func `an authority of one's own is trusted when it is named`() async throws {
        let authority = try TestAuthority()
        try await Self.withFile(authority.certificatePEM) { file in
            let (outcome, requests) = try await Self.outcome(of: authority, trusting: file)
            guard case .regenerated = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(requests == 1)
        }
    }

    @Test
    func `an unknown authority gets no request`() async throws {
        let (outcome, requests) = try await Self.outcome(of: try TestAuthority(), trusting: nil)
        try Self.expectRefusal(outcome, requests, "trusted")
    }

    @Test
    func `another authority gets no request`() async throws {
        try await Self.withFile(try TestAuthority().certificatePEM) { file in
            let (outcome, requests) = try await Self.outcome(of: try TestAuthority(), trusting: file)
            try Self.expectRefusal(outcome, requests, "trusted")
        }
    }

    @Test
    func `a certificate for another address gets no request`() async throws {
        let authority = try TestAuthority(address: [127, 0, 0, 2])
        try await Self.withFile(authority.certificatePEM) { file in
            let (outcome, requests) = try await Self.outcome(of: authority, trusting: file)
            try Self.expectRefusal(outcome, requests, "for this name")
        }
    }

    @Test
    func `a file without certificates is named`() async throws {
        try await Self.withFile("nothing\n") { file in
            let failure = await #expect(throws: Failure.self) {
                try await Self.outcome(of: try TestAuthority(), trusting: file)
            }
            #expect(failure?.detail.contains(file) == true)
        }
    }

    private static func expectRefusal(_ outcome: RegenerateOutcome, _ requests: Int, _ cause: String) throws {
        guard case .notExecuted(let failure) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(failure.reason == .unreachable)
        #expect(failure.detail.contains("TLS: the certificate is not \(cause)"))
        #expect(requests == 0)
    }
}
