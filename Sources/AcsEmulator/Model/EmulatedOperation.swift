/// What a call does. Faults can be limited to the first eight; the log names all of them.
package enum EmulatedOperation: String, Codable, CaseIterable, Sendable {
    case listKeys
    case regenerateKey
    /// GET of a resource, and of what became of an operation; whether a name is taken.
    case get
    /// GET of a list of resources or of subscriptions.
    case list
    /// GET of a caller's permissions or of the locks on a resource.
    case authorization
    /// A resource is made, changed or deleted.
    case write
    /// Either token endpoint.
    case token
    case dataPlane
    /// A regenerate through the emulator's own control, as another person with rights would do it.
    case outsideRegenerate
    /// Anything that the emulator does not know.
    case other

    /// Those that a fault can be limited to.
    static let faultable: [EmulatedOperation] = [
        .listKeys, .regenerateKey, .get, .list, .authorization, .write, .token, .dataPlane,
    ]
}
