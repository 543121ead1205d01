import AcsEmulator
import Daemon
import Glibc
import Testing

/// Who connects, and what becomes of it.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MetricsListenerTests {
    private static let anywhere = "127.0.0.1:0"

    @Test func `an address that is taken does not keep keys from turning, and is used as soon as it is free`()
        async throws
    {
        try await Lab.with { lab in
            let taken = try TakenPort()
            try lab.configure(Lab.manual, listen: "127.0.0.1:\(taken.port)")
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                try await daemon.settled(version: 1)
                #expect(daemon.log.contains("metrics are not served"), "\(daemon.log)")
                #expect(daemon.log.contains("Address already in use"), "\(daemon.log)")
                taken.release()
                #expect(try await daemon.metricsPort() == taken.port)
                #expect(try await daemon.scrape().value(#"keyturn_resources{health="ok"}"#) == 1)
            }
        }
    }

    @Test func `whoever stays connected does not hold up the end`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                let silent = try TakenPort.connect(to: try await daemon.metricsPort())
                defer { close(silent) }
                let half = Array("GET /metrics HTTP/1.1\r\nHost: localhost\r\n".utf8)
                #expect(send(silent, half, half.count, Int32(MSG_NOSIGNAL)) == half.count)
                let start = ContinuousClock.now
                #expect(try await daemon.terminated() == .exited(0))
                #expect(ContinuousClock.now - start < .seconds(60))
            }
        }
    }

    @Test func `whoever asks for much and reads nothing takes a bounded part`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                let port = try await daemon.metricsPort()
                // So many answers that no buffer of a socket takes them.
                let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
                let requests = Array(String(repeating: request, count: 2000).utf8)
                var sockets: [Int32] = []
                defer { for socket in sockets { close(socket) } }
                for _ in 1...20 {
                    let socket = try TakenPort.connect(to: port)
                    sockets.append(socket)
                    _ = send(socket, requests, requests.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                }
                try await eventually("a refusal") {
                    let answer = try await daemon.get("/metrics")
                    guard answer.status == 503 else { return nil as Void? }
                    #expect(answer.text == "too many answers are on their way already; try again\n")
                    return ()
                }
                #expect(try await daemon.get("/healthz").status == 200)
                #expect(try await daemon.rotate().outcome == "accepted")
                for socket in sockets { close(socket) }
                sockets = []
                try await eventually("an answer") { (try await daemon.get("/metrics").status == 200).asFound }
            }
        }
    }

    @Test func `without the setting nothing is said of metrics`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                #expect(!daemon.log.contains("metrics are"))
            }
        }
    }
}
