/// What `--ready-file` holds.
struct ReadyFile: Encodable, Sendable {
    let port: Int
    let resourceManager: String
    let login: String
    let imds: String
    let resources: [EmulatedResource]
    let tenantId: String
    let clientId: String

    init(_ emulator: RunningEmulator) {
        port = emulator.port
        resourceManager = emulator.origin
        login = emulator.origin
        imds = emulator.origin
        resources = emulator.resources
        tenantId = emulator.tenantID
        clientId = emulator.clientID
    }
}
