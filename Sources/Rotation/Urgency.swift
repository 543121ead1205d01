/// Who waits for a call to Azure.
package enum Urgency: Hashable, Sendable, CaseIterable {
    /// A rotation, a mending, an adoption, or a command.
    case work
    /// Nobody: a settled resource is looked at, to see whether another hand changed it.
    case driftCheck
}
