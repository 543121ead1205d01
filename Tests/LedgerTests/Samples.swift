import Ledger
import Rotation

extension LedgerRow {
    static func sample(_ resource: String = "contoso-sms", phase: String = "settled", at seconds: Int64 = 1)
        -> LedgerRow
    {
        LedgerRow(
            resource: resource, resourceID: "/subscriptions/s/resourceGroups/g/\(resource)", phase: phase,
            state: #"{"phase":"\#(phase)"}"#, updatedAt: Instant(unixSeconds: seconds))
    }
}

extension LedgerEvent {
    static func sample(_ kind: String, _ resource: String = "contoso-sms", at seconds: Int64 = 1) -> LedgerEvent {
        LedgerEvent(at: Instant(unixSeconds: seconds), resource: resource, kind: kind, actor: "schedule")
    }
}
