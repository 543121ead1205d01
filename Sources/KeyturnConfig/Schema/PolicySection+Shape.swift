import Rotation

extension PolicySection {
    static let shape = MappingShape(
        settings: [
            SettingShape("every", .timeSpan(periods), "How often a key of a resource turns, its two keys in turn."),
            SettingShape(
                "overlap", .timeSpan(periods), "How long a superseded connection string goes on working.",
                standard: .span(PolicyChecks.standard.overlap)),
            SettingShape(
                "jitter", .timeSpan(jitters), "Up to so much later, by chance, so that not all turn at once.",
                standard: "0s"),
            SettingShape(
                "mode", .words(of: Policy.Mode.self), "Whether keys turn by themselves or only by keyturn rotate.",
                standard: "auto"),
            SettingShape("maxAge", .timeSpan(ages), "The age of a published key that is told of as too old."),
            SettingShape(
                "verify", .any([.words(["off", "on"]), .boolean, .mapping(verificationShape)]),
                "How a new key is proven at the data plane before it is published."),
            SettingShape(
                "settle", .timeSpan(settles), "How long a regenerate without an answer may still take effect.",
                standard: .span(PolicyChecks.standard.settle)),
            SettingShape(
                "retire", .boolean, "Whether the superseded key is regenerated after its overlap.", standard: false),
            SettingShape(
                "retry", .list(.timeSpan(retries), counts: retryCounts),
                "The waits between tries; the last one repeats.",
                standard: .array(Policy.defaultRetry.map { .span($0) })),
            SettingShape(
                "driftCheck", .timeSpan(driftChecks), "How often Azure's keys are compared with those expected.",
                standard: .span(PolicyChecks.standard.driftCheck)),
        ] + TimingSection.settings + [
            SettingShape(
                "onDeadline", .words(of: Policy.OnDeadline.self),
                "What happens at maxAge outside the windows: an alert, or a rotation.", standard: "alert"),
            SettingShape("canary", .text(), "The resource that goes first; the others wait for it."),
            SettingShape(
                "stopAfter", .integer(failures), "So many failed rotations in a row stop the others of this policy."),
        ], alternatives: [[["every"], ["calendar"]]], allowsNothing: true)

    static let verificationShape = MappingShape(settings: [
        SettingShape(
            "probes", .integer(probes), "Successes in a row that are needed.",
            standard: .number(Policy.Verification().probes)),
        SettingShape(
            "spacing", .timeSpan(spacings), "The time between two of them.",
            standard: .span(Policy.Verification().spacing)),
        SettingShape(
            "timeout", .timeSpan(probeTimeouts), "A key that does not work for so long holds the resource.",
            standard: .span(Policy.Verification().timeout)),
    ])
}

extension TimingSection {
    static let settings = [
        SettingShape(
            "calendar", .text(examples: ["Mon *-*-* 03:00", "monthly"]),
            "When keys turn, in place of every: an expression as systemd's OnCalendar= takes it."),
        SettingShape(
            "timezone", .text(examples: ["Europe/Berlin"]), "The time zone of calendar, windows and freeze.",
            standard: "UTC"),
        SettingShape(
            "windows", .list(.text(examples: ["Mon..Thu 02:00..05:00"]), counts: counts),
            "The only hours in which keys turn."),
        SettingShape("freeze", .list(.mapping(freezeShape), counts: counts), "Days on which no key turns."),
    ]

    private static let date = ValueShape.text(examples: ["2026-12-20", "12-20"])

    static let freezeShape = MappingShape(settings: [
        SettingShape("from", date, "The first day: a date, or month and day of every year.", isRequired: true),
        SettingShape("to", date, "The last day.", isRequired: true),
        SettingShape("reason", .text(), "Why, for the plan and the status."),
    ])
}
