import FoundationEssentials
import KeyMaterial
import Rotation
import SecretsDirectory

let resourceName = "contoso-sms"

/// Connection strings with keys of counted bytes, a different one for each number.
func connectionString(_ number: Int) throws -> ConnectionString {
    let key = Data((0..<64).map { UInt8(truncatingIfNeeded: $0 &* 5 &+ number &* 3 &+ number >> 8) })
    return try ConnectionString(
        "endpoint=https://contoso-sms.unitedstates.communication.azure.com/;accesskey=\(key.base64EncodedString())")
}

/// Version `number`, current key of the same number, the one before it as previous.
func secretVersion(_ number: Int, previous: Bool = true) throws -> SecretVersion {
    let publishedAt = Instant(unixSeconds: 1_780_000_000 + Int64(number) * 86_400)
    let hasPrevious = previous && number > 1
    return SecretVersion(
        name: resourceName, version: number, keyType: number % 2 == 1 ? .primary : .secondary,
        current: try connectionString(number), previous: hasPrevious ? try connectionString(number - 1) : nil,
        publishedAt: publishedAt, previousGoodUntil: hasPrevious ? publishedAt + .seconds(86_400) : nil,
        nextRotation: publishedAt + .seconds(30 * 86_400))
}

/// Every text that must not be in an error: the keys and connection strings of the version.
func secretTexts(_ version: SecretVersion) -> [String] {
    [version.current, version.previous].compactMap(\.self).flatMap { string in
        [string.secret.withExposedText { $0 }, string.accessKey.secret.withExposedText { $0 }]
    }
}
