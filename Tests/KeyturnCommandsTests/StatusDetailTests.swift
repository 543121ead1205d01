import Rotation
import Testing

@testable import Daemon
@testable import KeyturnCommands
@testable import RotationEngine

@Suite struct StatusDetailTests {
    private func entry(
        _ id: Int64, _ second: Int, _ event: String, keyType: String? = "Secondary", version: Int? = nil,
        detail: String? = nil, requestID: String? = nil
    ) -> HistoryEntry {
        HistoryEntry(
            id: id, at: Reports.now - .seconds(600) + .seconds(second), resource: "contoso-mail", event: event,
            actor: "alice (uid 1000)", keyType: keyType, version: version, detail: detail, requestID: requestID)
    }

    private var history: [HistoryEntry] {
        [
            entry(1, -90_000, "published", version: 6), entry(2, 0, "rotation-requested", detail: "INC-4711"),
            entry(3, 1, "regenerate-sent", detail: "contoso-mail/7"),
            entry(4, 3, "regenerate-answered", requestID: "00000000-0000-4000-8000-000000000abc"),
            entry(5, 4, "key-confirmed"), entry(6, 34, "key-verified", detail: "3 signed calls in a row succeeded"),
            entry(7, 35, "published", version: 7, detail: "rotation"),
            entry(8, 97, "delivered", keyType: nil, version: 7, detail: "reload:contoso-mail.service"),
        ].reversed()
    }

    private func resource() throws -> StatusReport.Resource {
        var status = try Reports.status(
            "contoso-mail", .degraded(.deliveryFailed), phase: "delivering", next: .seconds(18 * 86_400),
            detail: "warm-cache: exit status 1")
        status.previousGoodUntil = Reports.now + .seconds(3600)
        var record = RotationRecord()
        record.current = status.publication
        record.keys = KeyFingerprints(
            primary: Fingerprint(value: 0x1122_3344_5566_7788), secondary: Fingerprint(value: 0x99aa_bbcc_ddee_ff00))
        record.told = ["reload:contoso-mail.service"]
        record.troubles = [
            Trouble(
                step: .deliver, failure: Failure(.deliveryFailed, "warm-cache: exit status 1"),
                since: Reports.now - .seconds(500), count: 3, retryAt: Reports.now + .seconds(300))
        ]
        var resource = StatusReport.Resource(status)
        resource.details = StatusDetails(
            ResourceDetails(
                record: record, consumers: ["reload:contoso-mail.service", "run:/usr/local/bin/warm-cache"], probes: 3))
        return resource
    }

    private func text(_ width: Int?, _ resource: StatusReport.Resource, colour: Bool = false) -> String {
        StatusDetail(
            resource: resource, history: history, now: Reports.now,
            terminal: Terminal(width: width, isTerminal: width != nil, hasColour: colour)
        ).lines.joined(separator: "\n")
    }

    @Test func `one resource with all that is known, and what to do`() throws {
        let expected = """
            contoso-mail: degraded (delivery-failed) since 2027-01-15T06:00:00Z (2h ago),
            delivering
              warm-cache: exit status 1

              A consumer was not told of the new connection string: a unit could not be
              reloaded or a command failed.
              It is tried again in 5m, for as long as it takes.
              What to do: See 'systemctl status' of the unit, or the command's output in the
              journal. The old key works until it was told, and no key is regenerated
              before.

            Azure         /subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups
                          /lab/providers/Microsoft.Communication/communicationServices/conto
                          so-mail
            Policy        monthly
            Published     Primary, version 7, 2027-01-03T08:00:00Z (12d ago)
            Age           ██░░░░░░░░ 12d of 45d
            Fingerprints  1122334455667788 (Primary, published), 99aabbccddeeff00
                          (Secondary)
            Overlap       the string before works until 2027-01-15T09:00:00Z (in 1h)
            Next          Secondary 2027-02-02T08:00:00Z (in 18d)
            Consumers     told: reload:contoso-mail.service
                          not told yet: run:/usr/local/bin/warm-cache
            Failing       deliver: delivery-failed, 3 times since 2027-01-15T07:51:40Z (8m
                          ago), again in 5m

            Last rotation, begun 2027-01-15T07:50:00Z (10m ago)
              +0.0s    rotation-requested Secondary: INC-4711
              +1.0s    regenerate-sent Secondary: contoso-mail/7
              +3.0s    regenerate-answered Secondary: request
                         00000000-0000-4000-8000-000000000abc
              +4.0s    key-confirmed Secondary
              +34s     key-verified Secondary: 3 signed calls in a row succeeded
              +35s     published Secondary version 7: rotation
              +1m 37s  delivered version 7: reload:contoso-mail.service

            Last request ids, newest first
              00000000-0000-4000-8000-000000000abc (regenerate-answered,
              2027-01-15T07:50:03Z (9m ago))
            """
        #expect(text(80, try resource()) == expected)
    }

    @Test func `it fits a narrow terminal`() throws {
        let text = text(40, try resource())
        for line in text.split(separator: "\n") { #expect(line.count <= 40, "\(line)") }
        #expect(text.contains("not told yet"))
    }

    @Test func `colours change nothing but colours`() throws {
        let coloured = text(80, try resource(), colour: true)
        #expect(coloured.contains("\u{1b}[33m"))
        #expect(coloured.replacing(#/\x1b\[[0-9;]*m/#, with: "") == text(80, try resource()))
    }

    @Test func `a pause tells who, since when, until when and why`() throws {
        let paused = try #require(try Reports.usual().first { $0.pausedBy != nil })
        let text = text(nil, StatusReport.Resource(paused))
        #expect(
            text.contains(
                "by alice (uid 1000) since 2027-01-14T08:00:00Z (1d ago), until 2027-01-18T08:00:00Z (in 3d): INC-17 freeze"
            ))
        #expect(text.contains("'keyturn resume contoso-fax'"))
    }

    @Test func `what others wrote cannot drive the terminal`() throws {
        var status = try Reports.status("contoso-a", .degraded(.badResponse), detail: "proxy \u{1b}]0;owned\u{7}")
        status.pausedBy = "mallory\u{1b}[2J"
        let text = text(80, StatusReport.Resource(status))
        #expect(!text.contains("\u{1b}") && !text.contains("\u{7}"))
    }
}
