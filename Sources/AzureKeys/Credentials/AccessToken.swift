import KeyMaterial

/// A bearer token as a token service handed it out.
package struct AccessToken: Hashable, Sendable {
    package let secret: Secret
    /// Counted from the answer of the token service.
    package let expiresIn: Duration
    /// When the token service wants to be asked again; nil when it does not say.
    package let refreshIn: Duration?

    package init(secret: Secret, expiresIn: Duration, refreshIn: Duration? = nil) {
        self.secret = secret
        self.expiresIn = expiresIn
        self.refreshIn = refreshIn
    }
}
