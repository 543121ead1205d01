import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

@testable import AcsEmulator

@Suite(.timeLimit(.minutes(15))) struct TLSTests {
    @Test func `every address has a certificate that clients of the authority trust`() async throws {
        let ids = try EmulatedResourceID.madeUp(600)
        var configuration = EmulatorConfiguration(resources: ids)
        configuration.tls = true
        try await Emulator.withRunning(configuration) { emulator in
            let pem = try #require(emulator.certificateAuthorityPEM)
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
            let http = HTTPClient(configuration: .init(tlsConfiguration: tls))
            let client = EmulatorClient(emulator: emulator, http: http)
            do {
                #expect(emulator.origin.hasPrefix("https://127.0.0.1:"))
                #expect(try await client.listKeys(ids[0]).status == 200)
                for id in [ids[0], ids[252], ids[253], ids[599]] {
                    let connection = emulator.connectionString(.primary, of: id) ?? ""
                    #expect(connection.hasPrefix("endpoint=https://127.0."))
                    #expect(try await client.call(id, key: client.key(.primary, of: id)).status == 200)
                }
                let request = HTTPClientRequest(url: "\(emulator.origin)/_emulator/log")
                await #expect(throws: (any Error).self) {
                    try await HTTPClient.shared.execute(request, timeout: .seconds(1))
                }
            } catch {
                try await http.shutdown()
                throw error
            }
            try await http.shutdown()
        }
    }
}
