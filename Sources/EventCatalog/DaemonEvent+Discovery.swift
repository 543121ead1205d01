import Logging

extension DaemonEvent {
    /// What discovery tells of.
    var ofDiscovery: JournalEvent {
        switch self {
        case .resourceDiscovered:
            event(
                "45a262d88fd54265af485dd5b4e9d168", .notice, "resource was discovered and is managed now",
                subject: "@KEYTURN_RESOURCE@ was discovered",
                """
                Azure has @KEYTURN_ID@,
                and a rule under 'discover' covers it. It is adopted and published; nothing is
                regenerated for that.
                """)
        case .resourceVanished:
            event(
                "8c29332b72ba4fb7b7c3d84787701c1d", .warning,
                "resource is not in Azure any more and not managed any more",
                subject: "@KEYTURN_RESOURCE@ has vanished from Azure",
                """
                It is missing in the list, and Azure answers that there is no
                @KEYTURN_ID@.
                A rotation that was under way ended with the step it was at. Its published files
                stay, unless its rule has 'prune: true'; its keys are dead. Its record is kept.

                What to do, if nobody uses it any more: remove its directory below the secrets
                directory.
                """)
        case .resourceReleased:
            event(
                "1ce447e16fd4405ca83e10e8ae29fd83", .notice,
                "no discover rule covers the resource any more, so it is not managed any more",
                subject: "@KEYTURN_RESOURCE@ is not covered by a discover rule any more",
                """
                Azure has @KEYTURN_ID@
                with other tags than before. Its published files stay and go on working, its keys
                do not turn any more. Its record is kept; covered again, it goes on from there.
                """)
        case .discoveryRefused:
            event(
                "c1d1befca6734080b5de7a2e39c35a10", .warning, "discovered resource is not taken up",
                subject: "a discovered resource is not taken up as @KEYTURN_RESOURCE@",
                """
                @KEYTURN_ID@:
                @KEYTURN_DETAIL@

                Those that are managed already are not touched.
                """)
        case .discoveryFailed:
            event(
                "48ef30112c1e44f5bc6dab1b8487df4b", .warning, "discovery failed; the resources that are known stay",
                subject: "resources cannot be discovered in @KEYTURN_SCOPE@ (@KEYTURN_REASON@)",
                """
                @KEYTURN_DETAIL@
                @KEYTURN_MEANING@

                What is known goes on being rotated; what is new is not seen. It is tried again,
                and told once it succeeds.

                What to do: @KEYTURN_ADVICE@
                """)
        case .discoveryRecovered:
            event(
                "5f8ec690fe9d401bb5a221b29849a610", .notice, "discovery succeeds again",
                subject: "resources are discovered in @KEYTURN_SCOPE@ again",
                "The list is complete, and what is new in it is taken up.")
        case .secretPruned:
            event(
                "a8cc3a96da284b7daf0b8e9f8e37b0d3", .notice, "the published files of a vanished resource were removed",
                subject: "what was published for @KEYTURN_RESOURCE@ was removed",
                """
                Azure does not have @KEYTURN_ID@
                any more, and its rule has 'prune: true'. Removed was what Keyturn had published in
                @KEYTURN_PATH@;
                @KEYTURN_DETAIL@.
                """)
        default:
            event(
                "c5dd102940e94ae79ff735eb2e121dcd", .error,
                "the published files of a vanished resource could not be removed",
                subject: "what was published for @KEYTURN_RESOURCE@ is still there",
                """
                @KEYTURN_DETAIL@

                Its rule has 'prune: true', so it is tried again until it succeeds.
                """)
        }
    }
}
