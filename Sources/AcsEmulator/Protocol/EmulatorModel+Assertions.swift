import FoundationEssentials

extension EmulatorModel {
    /// Why a client assertion is refused; nil when it is good: a token of the trusted issuer.
    func problem(assertion: String, now: Date) -> LoginProblem? {
        switch tokens.checkFederated(assertion, now: now) {
        case .good: nil
        case .unsigned:
            LoginProblem(
                401, "invalid_client", 50027, "JWT token is invalid or malformed, or its signature is not known.")
        case .expired:
            LoginProblem(
                401, "invalid_client", 700_024,
                "Client assertion is not within its valid time range. Current time: \(now.formatted(.iso8601)).")
        case .mismatch(let what):
            LoginProblem(
                401, "invalid_client", 70_021,
                "No matching federated identity record found for presented assertion \(what).")
        }
    }
}
