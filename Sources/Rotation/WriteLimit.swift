/// How many writes Azure Resource Manager takes from one identity for one subscription: each takes a token from a bucket
/// that refills steadily. POST actions such as `listKeys` and `regenerateKey` count as writes.
package struct WriteLimit: Hashable, Sendable {
    /// Tokens in a full bucket.
    package let bucket: Int
    /// Tokens that come back in an hour.
    package let perHour: Int

    private static let sensible = 1...1_000_000_000

    /// What is out of all proportion is taken for the nearest number that is not.
    package init(bucket: Int, perHour: Int) {
        self.bucket = min(max(bucket, Self.sensible.lowerBound), Self.sensible.upperBound)
        self.perHour = min(max(perHour, Self.sensible.lowerBound), Self.sensible.upperBound)
    }

    /// 200, and 10 a second: Microsoft Learn, "Understand how Azure Resource Manager throttles requests".
    package static let azure = WriteLimit(bucket: 200, perHour: 36_000)

    /// Of reads, which are counted alike: 250, and 25 a second, as the same page has it.
    package static let azureReads = WriteLimit(bucket: 250, perHour: 90_000)

    /// docs.azure.cn still publishes the older limit of 12000 in an hour.
    package static let azureChinaReads = WriteLimit(bucket: 12_000, perHour: 12_000)

    /// docs.azure.cn still publishes the older limit of 1200 in an hour.
    package static let azureChina = WriteLimit(bucket: 1200, perHour: 1200)
}
