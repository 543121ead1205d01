import Rotation

/// What a configuration is read against, besides its text.
package struct ConfigurationSurroundings: Sendable {
    /// From when on schedules are walked to prove that they work.
    package var now: Instant
    /// A time zone by its name in tzdata.
    package var zone: @Sendable (String) -> Zone
    /// The names of all time zones, to suggest one.
    package var zoneNames: @Sendable () -> [String]

    package enum Zone: Sendable {
        case known(TimeZoneRules)
        /// There is none, or it cannot be read: a sentence without a capital or a full stop.
        case unknown(String)
    }

    package init(
        now: Instant, zone: @escaping @Sendable (String) -> Zone, zoneNames: @escaping @Sendable () -> [String]
    ) {
        self.now = now
        self.zone = zone
        self.zoneNames = zoneNames
    }
}
