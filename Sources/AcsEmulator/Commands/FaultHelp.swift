/// What `--help` says about faults.
enum FaultHelp {
    static var text: String {
        let kinds = EmulatorFaultName.allCases.map { name in
            let value = name.unit.map { "=\($0.uppercased())" } ?? ""
            return "  \(name.rawValue)\(value)\n      \(meaning(name))"
        }
        return """
            Without --resource and --resources there is one resource, contoso-sms.

            FAULTS are written NAME[=VALUE][,resource=NAME][,operation=OPERATION][,count=N] and strike calls \
            with valid credentials: of the resource (a name, SUBSCRIPTION/GROUP/NAME or an ARM id), of the operation (\
            \(EmulatedOperation.faultable.map(\.rawValue).joined(separator: ", "))), N times; else all of them, always.

            \(kinds.joined(separator: "\n"))

            While it runs: GET and PUT /_emulator/faults with {"faults":["latency=200,operation=listKeys"]}, POST \
            /_emulator/regenerate with {"resource":NAME,"keyType":"Primary"} for an outside hand, GET \
            /_emulator/log?since=N for what was called, DELETE /_emulator/log, GET /_emulator/resources, PUT \
            /_emulator/resources with {"id":ID,"tags":{"NAME":"VALUE"}} to make or tag a resource, DELETE \
            /_emulator/resources?id=ID, GET /_emulator/messages for the SMS and emails that were sent.
            """
    }

    private static func meaning(_ name: EmulatorFaultName) -> String {
        switch name {
        case .latency: "the call waits before it is executed"
        case .lostRequest: "not executed, connection closed without an answer"
        case .lostReply: "executed, connection closed without an answer"
        case .lateLanding: "connection closed without an answer, the regenerate executes later"
        case .throttled: "429 with Retry-After (default 5), not executed"
        case .serverError: "a 5xx (default 500), not executed"
        case .serverErrorAfter: "a 5xx (default 500) although executed"
        case .forbidden: "403 AuthorizationFailed"
        case .notFound: "404 ResourceNotFound"
        case .scopeLocked: "409 ScopeLocked on listKeys, regenerateKey and write; the lock is listed"
        case .wrongKeyType: "regenerateKey changes the other key type, and answers with the asked one's unchanged pair"
        case .noChange: "regenerateKey answers 200 and changes nothing"
        case .propagationDelay: "the data plane knows a new key only later; the old one is refused at once"
        case .oldKeyLingers: "the data plane takes the old key for that long after a regenerate"
        case .flapping: "the data plane's two front doors take calls in turn, and one learns of a regenerate that late"
        case .tokenFailure: "the token endpoints answer with this status (default 503)"
        case .claimsChallenge: "401 with a challenge to tokens that were asked for without its claims"
        case .malformedConnectionString: "the connection strings of listKeys have no accesskey="
        case .clockSkew: "Date header, margin of x-ms-date and times of tokens are off by that much"
        case .localAuthDisabled: "disableLocalAuth: the data plane refuses every key, and a GET of the resource says so"
        case .unlisted: "missing in lists of resources, as for a caller who may not read it"
        }
    }
}
