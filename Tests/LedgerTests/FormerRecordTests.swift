import Rotation
import Testing

@testable import Ledger

/// Rows that former versions wrote.
@Suite struct FormerRecordTests {
    private static let row = LedgerRow(
        resource: "contoso-sms", resourceID: "/subscriptions/s/resourceGroups/g/contoso-sms", phase: "settled",
        state: """
            {"ageReported":false,"current":{"endpoint":"https://contoso-sms.communication.azure.com",\
            "fingerprint":"9b27b4983f49028b","keyType":"Primary","publishedAt":"2026-11-25T09:47:57.705413Z",\
            "version":1},"due":{"at":"2026-12-25T09:48:06.008722Z","base":"2026-11-25T09:47:57.705413Z",\
            "cause":"every","schedule":"every 2592000000000us jitter 0us spread 16000000us"},\
            "duplicateMayLand":false,"files":"582fd89f67d6f977","keys":{"primary":"9b27b4983f49028b",\
            "secondary":"aa7780a4b7afd40b"},"pausedBy":"alice (uid 1000)","phase":{"settled":{}},\
            "promisedOverlap":[0,2000000000000000000],"regenerations":0,"replaced":[],"request":{"actor":"bob",\
            "at":"2026-11-25T09:47:57Z"},"retirementPending":false,"told":[],"troubles":[],"watch":[]}
            """, updatedAt: Instant(unixSeconds: 1))

    @Test func aPauseOfBeforeItHadAnEndIsOneWithoutAnEnd() throws {
        let record = try Self.row.record()
        #expect(record.pausedBy == "alice (uid 1000)")
        #expect(record.pausedSince == nil && record.pausedUntil == nil && record.pauseReason == nil)
        #expect(record.request?.actor == "bob")
        #expect(record.current?.version == 1)
    }
}
