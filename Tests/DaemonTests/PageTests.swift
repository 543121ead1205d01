import AcsEmulator
import Daemon
import Glibc
import NIOHTTP1
import Rotation
import Testing

/// The status page as it is served.
@Suite(.serialized, .timeLimit(.minutes(15))) struct PageTests {
    private static let anywhere = "127.0.0.1:0"

    @Test func `the page shows what the daemon knows, and nothing secret`() async throws {
        try await Lab.with(["contoso-a", "contoso-b"]) { lab in
            try lab.emulator.setFaults([EmulatorFault(.forbidden, resource: "contoso-b")])
            let hook = #"run: [[/bin/sh, -c, 'echo "<b>no</b>" >&2; exit 3']]"#
            try lab.configure(Lab.manual, extra: ["contoso-a": hook], listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.wait(for: "a failing hook", of: "contoso-a") { $0.reason == .deliveryFailed }
                try await daemon.wait(for: "refusal", of: "contoso-b") { $0.reason == .forbidden }
                let fingerprint = try #require(try await daemon.resource("contoso-a").fingerprint?.hex)
                let overview = try await daemon.get("/")
                #expect(overview.status == 200)
                #expect(overview.text.contains("<title>2 need you · keyturn on "))
                for words in [
                    "delivery-failed", "forbidden", "&lt;b&gt;no&lt;/b&gt;", fingerprint, "only when asked for",
                    "./resource/contoso-a", "run:/bin/sh",
                ] { #expect(overview.text.contains(words), "\(words)") }
                #expect(!overview.text.contains("<b>"))
                let resource = try await daemon.get("/resource/contoso-a")
                #expect(resource.status == 200)
                for words in ["connection string published", fingerprint, "resource adopted", "failing"] {
                    #expect(resource.text.contains(words), "\(words)")
                }
                let refused = try await daemon.get("/resource/contoso-b")
                #expect(refused.text.contains("Azure&#39;s request <code>"))
                #expect(try await daemon.get("/?q=contoso-b").text.contains("1 resource with “contoso-b”"))
            }
        }
    }

    @Test func `rotations are on the page, and older events are a page further`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.fast, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 12)
                let page = try await daemon.get("/resource/contoso-sms?span=10min")
                #expect(page.text.contains("m-rotated"))
                let older = try #require(page.text.firstMatch(of: #/href="(\./contoso-sms\?before=[0-9]+)"/#)).1
                let further = try await daemon.get("/resource/" + older.dropFirst(2))
                #expect(further.status == 200 && further.text.contains("The latest"))
            }
        }
    }

    @Test func `headers keep the page to itself`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let expected = [
                    "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
                ]
                for path in ["/", "/resource/contoso-sms", "/nothing", "/?page=x"] {
                    let answer = try await daemon.get(path)
                    for (name, value) in expected { #expect(answer.headers.first(name: name) == value, "\(path)") }
                    let policy = try #require(answer.headers.first(name: "Content-Security-Policy"))
                    #expect(policy.hasPrefix("default-src 'none';") && policy.contains("frame-ancestors 'none'"))
                    let length = answer.headers.first(name: "Content-Length")
                    #expect(length == "\(answer.text.utf8.count)")
                }
                for path in ["/", "/resource/contoso-sms"] {
                    let head = try await daemon.get(path, method: .HEAD)
                    #expect(head.status == 200 && head.text.isEmpty)
                    #expect(Int(head.headers.first(name: "Content-Length") ?? "") ?? 0 > 1000)
                }
            }
        }
    }

    @Test func `what there is not is told apart, with a way back`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                for (path, status, words) in [
                    ("/nothing", 404, "href=\"./\""), ("/a/b/c", 404, "href=\"../../\""),
                    ("/resource/contoso-x", 404, "no resource “contoso-x”"), ("/resource/", 404, "href=\"../\""),
                    ("/?page=2", 404, "There is no page 2"), ("/?page=zero", 400, "A page is a number from 1 on"),
                    ("/?q=%ff", 400, "not in UTF-8"), ("/?span=3d", 400, "10min, 1h, 6h"),
                    ("/resource/contoso-sms?before=x", 400, "number of an event"),
                    ("/resource/contoso-sms?span=x", 400, "10min, 1h, 6h"),
                    ("/resource/%3Cscript%3E", 404, "There is no such resource"),
                ] {
                    let answer = try await daemon.get(path)
                    #expect(answer.status == UInt(status), "\(path)")
                    #expect(answer.text.contains(words), "\(path): \(answer.text.suffix(600))")
                    #expect(!answer.text.contains("<script>"), "\(path)")
                }
                for method in [HTTPMethod.POST, .PUT, .DELETE, .PATCH, .OPTIONS, .TRACE] {
                    for path in ["/", "/resource/contoso-sms", "/metrics", "/nothing"] {
                        let answer = try await daemon.get(path, method: method)
                        #expect(answer.status == 405, "\(method) \(path)")
                        #expect(answer.headers.first(name: "Allow") == "GET, HEAD")
                    }
                }
            }
        }
    }

    @Test func `an address of this machine alone is not asked for by other names`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                for host in ["evil.example", "evil.example:9464", "127.0.0.1.evil.example", "localhost.evil.example"] {
                    for path in ["/", "/metrics", "/resource/contoso-sms"] {
                        let answer = try await daemon.get(path, host: host)
                        #expect(answer.status == 421, "\(host) \(path)")
                        #expect(!answer.text.contains("contoso-sms"))
                    }
                }
                for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:9464", "a.localhost:9464", "192.0.2.7"] {
                    #expect(try await daemon.get("/", host: host).status == 200, "\(host)")
                }
            }
        }
    }

    @Test func `a daemon that starts says so`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            // Long enough for a slow machine to start and be asked meanwhile.
            try lab.emulator.setFaults([EmulatorFault(.latency, 12_000, operation: .listKeys, count: 1)])
            try await lab.withDaemon { daemon in
                let early = try await daemon.get("/")
                #expect(early.status == 200)
                #expect(early.text.contains("<title>Starting · "))
                #expect(early.text.contains("The daemon is starting, and still looks at contoso-sms."))
                try await daemon.isReady()
                try await eventually("all well") {
                    try await daemon.get("/").text.contains("<title>All well · ").asFound
                }
            }
        }
    }

    @Test func `whoever asks for many pages and reads none takes a bounded part`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual, listen: Self.anywhere)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let port = try await daemon.metricsPort()
                // So many answers that no buffer of a socket takes them.
                let request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
                let requests = Array(String(repeating: request, count: 1000).utf8)
                var sockets: [Int32] = []
                defer { for socket in sockets { close(socket) } }
                for _ in 1...12 {
                    let socket = try TakenPort.connect(to: port)
                    sockets.append(socket)
                    _ = send(socket, requests, requests.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                }
                try await eventually("a refusal") {
                    let answer = try await daemon.get("/")
                    return (answer.status == 503 && answer.text.contains("Too many pages")).asFound
                }
                // They have no part in what Prometheus gets.
                #expect(try await daemon.get("/metrics").status == 200)
                for socket in sockets { close(socket) }
                sockets = []
                try await eventually("a page") { (try await daemon.get("/").status == 200).asFound }
            }
        }
    }
}
