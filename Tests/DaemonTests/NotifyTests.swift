import AcsEmulator
import Daemon
import Glibc
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct NotifyTests {
    @Test func `READY comes when the first secret is published`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            // So that a READY that comes too soon is seen before the file.
            try lab.emulator.setFaults([
                EmulatorFault(.latency, 300, operation: .listKeys), EmulatorFault(.latency, 300, operation: .dataPlane),
            ])
            let listener = try NotifyListener(lab)
            try await lab.withDaemon(environment: ["NOTIFY_SOCKET": listener.path]) { daemon in
                try await eventually("READY=1", every: .milliseconds(2)) {
                    let published = lab.secret() != nil
                    guard listener.fields.contains("READY=1") else { return nil as Void? }
                    #expect(published || lab.secret() != nil)
                    return ()
                }
                #expect(lab.secret() == (try lab.connectionString(.primary)))
                _ = try await daemon.status()
                try await eventually("the status line") {
                    (listener.value(of: "STATUS")?.hasPrefix("1 resource") == true).asFound
                }
                #expect(try await daemon.terminated() == .exited(0))
                let fields = listener.fields
                let ready = try #require(fields.firstIndex(of: "READY=1"))
                let stopping = try #require(fields.firstIndex(of: "STOPPING=1"))
                #expect(ready < stopping)
                #expect(!fields.contains { $0.hasPrefix("WATCHDOG=") })
            }
        }
    }

    @Test func `a reload during the start is no READY`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try lab.emulator.setFaults([EmulatorFault(.latency, 10_000, operation: .listKeys)])
            let listener = try NotifyListener(lab)
            try await lab.withDaemon(environment: ["NOTIFY_SOCKET": listener.path]) { daemon in
                try await eventually("the control socket answers") { (try? await daemon.status()).map { _ in () } }
                #expect(try await lab.keyturn("reload").status == 0)
                #expect(lab.secret() == nil && !listener.fields.contains("READY=1"))
                try lab.emulator.setFaults([])
                try await eventually("READY=1") { listener.fields.contains("READY=1").asFound }
                #expect(lab.secret() != nil)
            }
        }
    }

    @Test func `READY comes with a status that names what fails`() async throws {
        try await Lab.with(["contoso-a", "contoso-b"]) { lab in
            try lab.configure(Lab.manual)
            try lab.emulator.setFaults([EmulatorFault(.forbidden, resource: "contoso-b")])
            let listener = try NotifyListener(lab)
            try await lab.withDaemon(environment: ["NOTIFY_SOCKET": listener.path]) { _ in
                try await eventually("READY=1") { listener.fields.contains("READY=1").asFound }
                try await eventually("the status line") {
                    (listener.value(of: "STATUS")?.hasPrefix("2 resources, 1 degraded (contoso-b: forbidden)") == true)
                        .asFound
                }
            }
        }
    }

    @Test func `a reload is told with its instant, good or bad`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let listener = try NotifyListener(lab)
            try await lab.withDaemon(environment: ["NOTIFY_SOCKET": listener.path]) { daemon in
                try await daemon.settled(version: 1)
                try await daemon.isReady()
                for (round, policy) in [Lab.manual, "{every: never}"].enumerated() {
                    var before = timespec()
                    clock_gettime(CLOCK_MONOTONIC, &before)
                    try lab.configure(policy)
                    daemon.child.signal(SIGHUP)
                    let messages = try await eventually("READY=1 after reload \(round)") { () -> [String]? in
                        let messages = listener.messages
                        return messages.filter { $0.contains("READY=1") }.count == round + 2 ? messages : nil
                    }
                    let reloading = try #require(messages.lastIndex { $0.contains("RELOADING=1") })
                    let ready = try #require(messages.lastIndex { $0.contains("READY=1") })
                    #expect(reloading < ready)
                    let stamp = try #require(listener.value(of: "MONOTONIC_USEC").flatMap { Int($0) })
                    #expect(stamp >= before.tv_sec * 1_000_000 + before.tv_nsec / 1000)
                    #expect(messages[ready].contains("reload refused") == (round == 1))
                }
            }
        }
    }

    @Test func `the watchdog is fed`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let listener = try NotifyListener(lab)
            // WATCHDOG_PID is known only to the process itself.
            let script = "WATCHDOG_PID=$$ exec \"$@\""
            try await lab.withDaemon(
                program: "/bin/sh",
                ["-c", script, "sh", Lab.program, "run", "--config", lab.configurationPath],
                environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "600000"]
            ) { daemon in
                try await daemon.isReady()
                let before = listener.fields.filter { $0 == "WATCHDOG=1" }.count
                try await eventually("three signs of life") {
                    (listener.fields.filter { $0 == "WATCHDOG=1" }.count >= before + 3).asFound
                }
            }
        }
    }

    @Test func `a stop that waits for a regenerate asks for time`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let listener = try NotifyListener(lab)
            try await lab.withDaemon(environment: ["NOTIFY_SOCKET": listener.path]) { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults([EmulatorFault(.latency, 6000, operation: .regenerateKey)])
                try await daemon.rotate()
                try await daemon.wait(for: "a regenerate on its way") { $0.phase == "regenerating" }
                #expect(try await daemon.terminated() == .exited(0))
                let fields = listener.fields
                let stopping = try #require(fields.firstIndex(of: "STOPPING=1"))
                let extend = try #require(fields.firstIndex(of: "EXTEND_TIMEOUT_USEC=30000000"))
                #expect(stopping < extend)
                #expect(fields.contains { $0.hasPrefix("STATUS=stopping; awaiting the answer of 1 regenerate") })
            }
            #expect(try lab.regenerates().count == 1)
        }
    }
}
