import Logging
import Rotation

extension Note.Kind {
    /// How the journal tells of what goes into the history.
    package var journalEvent: JournalEvent {
        switch self {
        case .regenerateSent, .regenerateAnswered, .regenerateNotExecuted, .regenerateUndecided, .regenerateDidNotRun,
            .keyConfirmed, .keyVerified, .keyUnverified, .keyMoved, .published, .delivered:
            ofRotation
        case .failed, .recovered, .held, .resumed, .paused, .rotationRequested, .rescheduled, .keyTooOld: ofState
        case .adopted, .currentKeyChanged, .otherKeyChanged, .endpointChanged, .secretsTampered, .filesUpdated: ofLook
        }
    }

    private var ofRotation: JournalEvent {
        switch self {
        case .regenerateSent:
            event(
                "7c8e90b4bb4153ce82290ab6aae970ae", .info, "regenerating",
                subject: "the @KEYTURN_KEY_TYPE@ key of @KEYTURN_RESOURCE@ is being regenerated",
                """
                A rotation begins: Azure is asked to regenerate the key type that is not
                published. Consumers that use the published connection string notice nothing.
                The old value of that key type stops working.
                """)
        case .regenerateAnswered:
            event(
                "c4b027859d755f159db0155cd61b8abc", .info, "regenerated",
                subject: "Azure regenerated the @KEYTURN_KEY_TYPE@ key of @KEYTURN_RESOURCE@",
                """
                Next the new key has to be listed and signed calls with it have to succeed;
                only then is it published.
                """)
        case .regenerateNotExecuted:
            event(
                "4d1e31c7ed1854cfad692cd060bf153d", .warning, "regenerate refused; it did not run",
                subject: "the regenerate of @KEYTURN_RESOURCE@ was refused (@KEYTURN_REASON@)",
                """
                @KEYTURN_MEANING@

                No key changed, and the published one goes on working. It is tried again at
                growing intervals; repetitions are counted, not logged one by one.

                What to do: @KEYTURN_ADVICE@
                """)
        case .regenerateUndecided:
            event(
                "eb8c0145c0dc5469a568680f8c13ee2d", .warning, "regenerate undecided; watching both keys",
                subject: "it is not known whether the regenerate of @KEYTURN_RESOURCE@ ran",
                """
                The request was sent and no usable answer came. It cannot be repeated safely, so
                Keyturn watches what Azure lists until it is plain whether the key changed. The
                published key is the other one and goes on working.

                What to do: nothing. Do not regenerate keys of this resource by hand meanwhile.
                """)
        case .regenerateDidNotRun:
            event(
                "95cd055fa5345c8cbe94958134ea8a09", .notice, "regenerate did not run; it will be tried again",
                subject: "the undecided regenerate of @KEYTURN_RESOURCE@ did not run",
                """
                Azure listed the old key for as long as the policy's settle says. The regenerate
                is tried again.
                """)
        case .keyConfirmed:
            event(
                "a909f0314c345725b6188c8671d404f6", .info, "new key listed",
                subject: "Azure lists a new @KEYTURN_KEY_TYPE@ key of @KEYTURN_RESOURCE@",
                "Only the intended key type changed. Signed calls with the new key come next.")
        case .keyVerified:
            event(
                "eb740be1798f53ccb4e0bb74cb151219", .info, "key verified",
                subject: "signed calls with a key of @KEYTURN_RESOURCE@ succeeded",
                "The key is good and is published next.")
        case .keyUnverified:
            event(
                "a56e354a6d82462c95ce526d61037959", .warning, "published without a signed call",
                subject: "a key of @KEYTURN_RESOURCE@ is published unverified (@KEYTURN_REASON@)",
                """
                Another hand regenerated the published key, so what consumers have is dead. Azure
                lists a new value, and for as long as the policy's verify.timeout says no signed
                call with it could be made from this host. It is published all the same: it cannot
                be worse than what consumers have. While calls are refused, it is not.

                What to do: @KEYTURN_ADVICE@
                """)
        case .keyMoved:
            event(
                "c9b65752076b5615a0f94fdf08888c47", .warning, "key changed again before it was published",
                subject: "a key of @KEYTURN_RESOURCE@ changed while it was being checked",
                """
                Another hand, or a late duplicate of an undecided request, regenerated the key
                before it was published. Nobody used it. The value that is listed now is checked
                instead.

                What to do: if it happens again, find out in the resource's activity log at Azure
                who calls regenerateKey.
                """)
        case .published:
            event(
                "04efb6f4b6585aa3b028b17acd9d2147", .notice, "connection string published",
                subject: "a connection string of @KEYTURN_RESOURCE@ is published",
                """
                The files of the secrets directory hold it as of now. The one before goes on
                working for the policy's overlap; metadata.json says until when. Consumers that
                the configuration lists are told next.
                """)
        default:
            event(
                "6dcde0173a66599aa2e54bc354cbe329", .info, "consumers told",
                subject: "the consumers of @KEYTURN_RESOURCE@ were told",
                "Every listed unit was reloaded and every listed command succeeded.")
        }
    }

    private var ofState: JournalEvent {
        switch self {
        case .failed:
            event(
                "2708b2e68234522ea267683afed95af9", .warning, "failing",
                subject: "@KEYTURN_RESOURCE@ is failing (@KEYTURN_REASON@)",
                """
                @KEYTURN_MEANING@

                It is tried again at growing intervals. Consumers keep the connection string that
                is published. Repetitions are counted: 'still failing' tells how often,
                'recovered' that it is over.

                What to do: @KEYTURN_ADVICE@
                """)
        case .recovered:
            event(
                "367e2a4d2a54565b85bbb5d6ab009bf5", .notice, "recovered",
                subject: "@KEYTURN_RESOURCE@ has recovered (@KEYTURN_REASON@)",
                "What failed has succeeded. Nothing is left to do.")
        case .held:
            event(
                "fc00f3ef53b258a7bbb1d2582d81ab77", .error, "held: nothing is regenerated until 'keyturn resume'",
                subject: "@KEYTURN_RESOURCE@ is held (@KEYTURN_REASON@)",
                """
                @KEYTURN_MEANING@

                What Azure shows contradicts what is on record, so nothing of this resource is
                regenerated until somebody has looked. If the published key was changed, its new
                value is published all the same, so that consumers have one that works.

                What to do: @KEYTURN_ADVICE@

                See: keyturn status @KEYTURN_RESOURCE@
                     keyturn history @KEYTURN_RESOURCE@
                """)
        case .resumed:
            event(
                "01bb99b93cd45e809edc6cb8b48cfd41", .notice, "resumed",
                subject: "rotations of @KEYTURN_RESOURCE@ go on",
                """
                Somebody ended a pause or a hold, or a pause was until now. The schedule counts
                again. KEYTURN_ACTOR says who, KEYTURN_DETAIL what was found.
                """)
        case .paused:
            event(
                "fce7c2f4d1595d0d9228bad17e20f6f0", .notice, "rotations paused",
                subject: "rotations of @KEYTURN_RESOURCE@ are paused",
                """
                Somebody stopped them: KEYTURN_ACTOR says who, KEYTURN_DETAIL until when and why.
                The published key goes on working and gets older.

                To go on: keyturn resume @KEYTURN_RESOURCE@
                """)
        case .rotationRequested:
            event(
                "04f75a9aa36257d5a6ec6896d70b6e03", .notice, "rotation requested",
                subject: "somebody asked for a rotation of @KEYTURN_RESOURCE@",
                """
                It begins at once: windows and freezes do not count for it, the overlap does.
                KEYTURN_ACTOR says who asked.
                """)
        case .keyTooOld:
            event(
                "2d1d26af3f8e5d238b6d7bf8e301a077", .error, "published key is too old",
                subject: "the published key of @KEYTURN_RESOURCE@ is older than its policy allows",
                """
                Something kept it from turning: failures, a hold, a pause, windows or a freeze.

                To see what:    keyturn status @KEYTURN_RESOURCE@
                To turn it now: keyturn rotate @KEYTURN_RESOURCE@
                """)
        default:
            event(
                "d904297c19ce5c20acc92594a633270f", .info, "next rotation moved",
                subject: "the next rotation of @KEYTURN_RESOURCE@ has another date",
                "Its policy or the clock changed. 'keyturn plan' shows when each key turns.")
        }
    }

    private var ofLook: JournalEvent {
        switch self {
        case .adopted:
            event(
                "90f303661560561db369be037c13c8df", .notice, "resource adopted",
                subject: "@KEYTURN_RESOURCE@ is managed from now on",
                """
                Nothing was regenerated for it: the key that consumers use stays, and its first
                rotation is scheduled like any other.
                """)
        case .currentKeyChanged:
            event(
                "be17722285cd5277af3213f24f688baa", .error, "published key was regenerated behind our back",
                subject: "the published key of @KEYTURN_RESOURCE@ was regenerated by another hand",
                """
                @KEYTURN_MEANING@

                Consumers are refused from when that happened until the new value is checked,
                published and read by them.

                What to do: @KEYTURN_ADVICE@
                """)
        case .otherKeyChanged:
            event(
                "6ae65595898e5f4ca9ce397fa0feee64", .warning, "superseded key was regenerated by another hand",
                subject: "the superseded key of @KEYTURN_RESOURCE@ was regenerated by another hand",
                """
                The published key is not affected. Consumers that still used the one before are
                refused.

                What to do: find out in the resource's activity log at Azure who calls
                regenerateKey. Restart consumers that have not taken the published connection
                string yet.
                """)
        case .endpointChanged:
            event(
                "59f2542b141043a78ceedd5832a53193", .warning, "connection strings name another endpoint",
                subject: "the endpoint of @KEYTURN_RESOURCE@ has changed",
                """
                Azure lists connection strings with another host than the published one. The new
                one is published when signed calls to it succeed.

                What to do: make sure that somebody moved the resource on purpose.
                """)
        case .secretsTampered:
            event(
                "25c80b2a58a35fb487b3732559eb00c3", .warning, "secrets directory was changed by another hand",
                subject: "files of @KEYTURN_RESOURCE@ are not as they were published",
                """
                They are put right at once.

                What to do: find out who writes there: configuration management, a backup, a
                person. Nobody but Keyturn should.
                """)
        default:
            event(
                "52fe7571f782528e9a4c299829b2851b", .notice, "files written anew for a new configuration",
                subject: "the files of @KEYTURN_RESOURCE@ follow a new configuration",
                "Mode, owner, group or templates changed. The connection string in them is the same.")
        }
    }

    private func event(
        _ id: String, _ level: Logger.Level, _ message: String, subject: String, _ explanation: String
    ) -> JournalEvent {
        JournalEvent(id, rawValue, level, message, subject: subject, explanation)
    }
}
