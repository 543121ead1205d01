import AcsEmulator
import Daemon
import FoundationEssentials
import Glibc
import Rotation
import Testing

/// `discover:` in a running daemon. A reload makes it look at once.
@Suite(.serialized, .timeLimit(.minutes(15))) struct DiscoveryTests {
    private static let rule = "{subscription: \(Lab.subscription), resourceGroup: lab, policy: only}"

    private func configure(
        _ lab: Lab, _ rule: String = rule, resources: [String] = [], listen: String? = nil
    ) throws {
        try lab.configure(Lab.manual, resources: resources, listen: listen)
        let text = try #require(lab.text(of: lab.configurationPath))
        try lab.write(text + "discover:\n  - \(rule)\n", to: lab.configurationPath)
    }

    private func isGone(_ name: String, from daemon: DaemonProcess) async throws {
        try await eventually("\(name) gone; \(daemon.log)") {
            (try await daemon.client.resource(name) == nil).asFound
        }
    }

    /// Waits until the daemon has asked for a list after this was called, and has come to an end with it.
    private func look(_ lab: Lab, _ daemon: DaemonProcess) async throws {
        let before = lab.emulator.log().last?.sequence ?? 0
        #expect(try await daemon.client.reload().accepted)
        try await eventually("a list") { lab.emulator.log(since: before).contains { $0.operation == .list }.asFound }
    }

    @Test func `a resource that appears is published, rotates like any other, and is known by its name`() async throws {
        try await Lab.with(["contoso-sms"], { $0.pageSize = 1 }) { lab in
            try configure(lab)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                #expect(lab.secret() == (try lab.connectionString(.primary)))
                lab.emulator.put(try Lab.id("contoso-new"))
                try await look(lab, daemon)
                try await daemon.settled(version: 1, of: "contoso-new")
                #expect(lab.secret(of: "contoso-new") == (try lab.connectionString(.primary, of: "contoso-new")))
                #expect(try await daemon.rotate("contoso-new").outcome == "accepted")
                try await daemon.settled(version: 2, of: "contoso-new")
                #expect(try await daemon.status().daemon.discovery.map(\.reason) == [nil])
            }
            #expect(try lab.regenerates(of: "contoso-sms").isEmpty)
            #expect(try lab.regenerates(of: "contoso-new").count == 1)
            let checked = try await lab.keyturn("check")
            #expect(checked.output.contains("good, 0 resources, and 1 rule that discovers more"))
            let plan = try await lab.keyturn("plan")
            #expect(plan.output.contains("contoso-new"), "\(plan.output)\(plan.errors)")
            let online = try await lab.keyturn("check", "--online")
            #expect(online.status == 0)
            #expect(online.output.contains("contoso-new  ok"), "\(online.output)")
            // A one-shot regenerate of the published key is refused as for any other.
            let id = try Lab.id("contoso-new").description
            let refused = try await lab.keyturn("regenerate", "--id", id, "--key-type", "Secondary", "--yes")
            #expect(refused.status == 75, "\(refused.errors)")
        }
    }

    @Test func `one that vanishes is let go, its file stays`() async throws {
        try await Lab.with(["contoso-sms", "contoso-mail"]) { lab in
            try configure(lab)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.settled(version: 1, of: "contoso-mail")
                let published = lab.secret()
                lab.emulator.remove(try Lab.id("contoso-sms"))
                try await look(lab, daemon)
                try await isGone("contoso-sms", from: daemon)
                #expect(lab.secret() == published)
                #expect(daemon.log.contains("contoso-sms  resource is not in Azure any more"), "\(daemon.log)")
                #expect(try await daemon.resource("contoso-mail").health == "ok")
                // Made again it is taken up again, and goes on under its version.
                lab.emulator.put(try Lab.id("contoso-sms"))
                try await look(lab, daemon)
                try await daemon.wait(for: "the new key") { _ in lab.secret() != published }
            }
            #expect(try lab.regenerates().isEmpty)
        }
    }

    @Test func `with prune its files go, and nothing else`() async throws {
        try await Lab.with(["contoso-sms", "contoso-mail"]) { lab in
            try configure(lab, Self.rule.replacing("policy:", with: "prune: true, policy:"))
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.settled(version: 1, of: "contoso-mail")
                try lab.write("mine", to: "\(lab.secretsDirectory)/contoso-mail/notes")
                lab.emulator.remove(try Lab.id("contoso-sms"))
                lab.emulator.remove(try Lab.id("contoso-mail"))
                try await look(lab, daemon)
                try await eventually("the directory gone; \(daemon.log)") {
                    (!FileManager.default.fileExists(atPath: "\(lab.secretsDirectory)/contoso-sms")).asFound
                }
                try await eventually("the files gone; \(daemon.log)") {
                    let left = try FileManager.default.contentsOfDirectory(
                        atPath: "\(lab.secretsDirectory)/contoso-mail")
                    return (left == ["notes"]).asFound
                }
                try await eventually("both told") {
                    (daemon.log.ranges(of: "the published files of a vanished resource were removed").count == 2)
                        .asFound
                }
            }
            // What is not there any more is not on record as still to be removed.
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                #expect(try await daemon.client.discovered().isEmpty)
            }
        }
    }

    @Test(arguments: [
        [EmulatorFault(.forbidden, operation: .list)], [EmulatorFault(.serverError, 503, operation: .list)],
        [EmulatorFault(.lostReply, operation: .list)],
    ])
    func `a list that fails changes nothing, and is told once`(faults: [EmulatorFault]) async throws {
        try await Lab.with { lab in
            try configure(lab, Self.rule.replacing("policy:", with: "prune: true, policy:"))
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                lab.emulator.remove(try Lab.id("contoso-sms"))
                try lab.emulator.setFaults(faults)
                for _ in 0..<2 {
                    try await look(lab, daemon)
                    try await eventually("the failure in the status") {
                        try await daemon.status().daemon.discovery.first?.reason
                    }
                }
                #expect(try await daemon.client.resource("contoso-sms") != nil)
                #expect(lab.secret() != nil)
                #expect(daemon.log.ranges(of: "discovery failed").count == 1, "\(daemon.log)")
                let status = try await lab.keyturn("status")
                #expect(
                    status.output.contains("Discovery in /subscriptions/\(Lab.subscription)/resourceGroups/lab fails"))
                try lab.emulator.setFaults([])
                try await look(lab, daemon)
                try await isGone("contoso-sms", from: daemon)
                #expect(daemon.log.contains("discovery succeeds again"))
            }
        }
    }

    @Test(arguments: [
        [EmulatorFault](), [EmulatorFault(.forbidden, operation: .get)],
        [EmulatorFault(.serverError, 500, operation: .get)],
    ])
    func `what a list lacks stays unless Azure says that it is not there`(more: [EmulatorFault]) async throws {
        try await Lab.with { lab in
            try configure(lab, Self.rule.replacing("policy:", with: "prune: true, policy:"))
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults([EmulatorFault(.unlisted)] + more)
                let before = lab.emulator.log().last?.sequence ?? 0
                // The second list begins when the first one has come to its end.
                for _ in 0..<2 { try await look(lab, daemon) }
                #expect(lab.emulator.log(since: before).contains { $0.operation == .get })
                #expect(try await daemon.client.resource("contoso-sms") != nil)
                #expect(lab.secret() == (try lab.connectionString(.primary)))
            }
        }
    }

    @Test func `a group that is not there is told, and takes nothing with it that Azure still has`() async throws {
        try await Lab.with { lab in
            let rule = "{subscription: \(Lab.subscription), resourceGroup: typo, policy: only}"
            try configure(lab, rule)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                try await eventually("the failure in the status") {
                    (try await daemon.status().daemon.discovery.first?.reason == .notFound).asFound
                }
                #expect(daemon.log.contains("/resourceGroups/typo"))
                #expect(try await daemon.status().resources.isEmpty)
            }
        }
    }

    @Test func `a start without Azure knows what was discovered`() async throws {
        try await Lab.with(["contoso-sms", "contoso-mail"]) { lab in
            try configure(lab)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.settled(version: 1, of: "contoso-mail")
            }
            try lab.emulator.setFaults([EmulatorFault(.tokenFailure, 503)])
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                let names = try await daemon.status().resources.map(\.name)
                #expect(names == ["contoso-mail", "contoso-sms"])
                #expect(try await daemon.resource().version == 1)
                #expect(lab.secret() == (try lab.connectionString(.primary)))
            }
        }
    }

    @Test func `with other tags it is let go, and its file stays`() async throws {
        try await Lab.with { lab in
            lab.emulator.put(try Lab.id("contoso-sms"), tags: ["Rotate": "yes"])
            try configure(lab, Self.rule.replacing("policy:", with: "prune: true, tags: {rotate: \"yes\"}, policy:"))
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                lab.emulator.put(try Lab.id("contoso-sms"), tags: ["Rotate": "no"])
                try await look(lab, daemon)
                try await isGone("contoso-sms", from: daemon)
                #expect(daemon.log.contains("no discover rule covers the resource any more"))
                #expect(lab.secret() == (try lab.connectionString(.primary)))
            }
        }
    }

    @Test func `a name that is taken is refused to the newcomer, once, and a resource that is named is the file's`()
        async throws
    {
        try await Lab.with(["contoso-sms"]) { lab in
            let other = try EmulatedResourceID("\(Lab.subscription)/other/contoso-sms")
            lab.emulator.put(other)
            let rule = "{subscription: \(Lab.subscription), policy: only}"
            try configure(lab, rule, resources: ["contoso-sms"])
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await eventually("the refusal; \(daemon.log)") {
                    daemon.log.contains("discovered resource is not taken up").asFound
                }
                for _ in 0..<2 { try await look(lab, daemon) }
                #expect(daemon.log.ranges(of: "discovered resource is not taken up").count == 1)
                #expect(try await daemon.status().resources.map(\.id) == [try Lab.id("contoso-sms").description])
                try configure(
                    lab, rule.replacing("}", with: ", name: \"{resourceGroup}-{name}\"}"), resources: ["contoso-sms"])
                #expect(try await daemon.client.reload().accepted)
                try await daemon.settled(version: 1, of: "other-contoso-sms")
            }
            #expect(try lab.regenerates().isEmpty)
        }
    }

    @Test func `one that vanishes in the middle of a rotation ends as one that leaves the configuration`() async throws
    {
        try await Lab.with { lab in
            try configure(lab, Self.rule.replacing("policy:", with: "prune: true, policy:"))
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                // The new key does not work before the resource is gone.
                try lab.emulator.setFaults([EmulatorFault(.propagationDelay, 600_000)])
                try await daemon.rotate()
                try await daemon.wait(for: "a key to be verified") { $0.phase == "verifying" }
                lab.emulator.remove(try Lab.id("contoso-sms"))
                try await look(lab, daemon)
                try await isGone("contoso-sms", from: daemon)
                try await eventually("the directory gone; \(daemon.log)") {
                    (!FileManager.default.fileExists(atPath: "\(lab.secretsDirectory)/contoso-sms")).asFound
                }
            }
            #expect(try lab.regenerates().count == 1)
        }
    }

    @Test func `a stop does not wait for a list`() async throws {
        try await Lab.with { lab in
            try configure(lab)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults([EmulatorFault(.latency, 600_000, operation: .list)])
                #expect(try await daemon.client.reload().accepted)
                #expect(try await daemon.terminated() == .exited(0))
            }
        }
    }

    @Test func `metrics tell of each look`() async throws {
        try await Lab.with { lab in
            try configure(lab, listen: "127.0.0.1:0")
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let scope = "scope=\"/subscriptions/\(Lab.subscription)/resourceGroups/lab\""
                let good = try await daemon.scrape()
                #expect(good.value("keyturn_discovery_last_look_successful{\(scope)}") == 1)
                let listed = good.value("keyturn_discovery_last_success_timestamp_seconds{\(scope)}")
                #expect(try #require(listed) > Date.now.timeIntervalSince1970 - 240)
                try lab.emulator.setFaults([EmulatorFault(.forbidden, operation: .list)])
                #expect(try await daemon.client.reload().accepted)
                try await eventually("the failure in the metrics") {
                    let value = try await daemon.scrape().value("keyturn_discovery_last_look_successful{\(scope)}")
                    return (value == 0).asFound
                }
            }
        }
    }
}
