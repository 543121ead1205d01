/// How many writing calls Azure Resource Manager takes from one principal in one subscription: a bucket of tokens that
/// fills again.
///
/// Source: learn.microsoft.com, "Understand how Azure Resource Manager throttles requests": 200 tokens, 10 more a second.
/// `listKeys` and `regenerateKey` are both POST, and charged as writes.
package struct WriteLimit: Hashable, Sendable {
    /// What a full bucket holds.
    package var bucket: Int
    /// What flows in.
    package var perHour: Int

    package init(bucket: Int = 200, perHour: Int = 36_000) {
        self.bucket = bucket
        self.perHour = perHour
    }
}
