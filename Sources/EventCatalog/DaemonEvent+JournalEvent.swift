import Logging

extension DaemonEvent {
    package var journalEvent: JournalEvent {
        switch self {
        case .starting, .waitingForCommand, .ledgerSetAside, .notStarted, .ready, .nothingPublished, .stopping,
            .awaitingRegenerates, .answerNotKept:
            ofLife
        case .reloaded, .reloadRefused, .doubtfulConfiguration, .resourceAdded, .resourceRemoved, .resourceRenamed,
            .adoptedAnew:
            ofConfiguration
        case .resourceDiscovered, .resourceVanished, .resourceReleased, .discoveryRefused, .discoveryFailed,
            .discoveryRecovered, .secretPruned, .pruneFailed:
            ofDiscovery
        default: ofWork
        }
    }

    private var ofLife: JournalEvent {
        switch self {
        case .starting:
            event(
                "8f3624f4b5f04d37be2651eab8db4d48", .notice, "starting",
                subject: "the daemon starts",
                """
                The configuration is good. Every resource is looked at before 'ready'; a start
                rotates nothing.
                """)
        case .waitingForCommand:
            event(
                "8a8fa085d65a4c56a27e11c2e7e17507", .notice, "waiting for another keyturn command to end",
                subject: "the start waits for another keyturn command",
                """
                A one-shot command such as 'keyturn regenerate' holds the ledger, and takes turns
                with the daemon. The start goes on when it ends, at the latest after three minutes.
                """)
        case .ledgerSetAside:
            event(
                "76cb5219943f4e1eb2df2e26e29c8e65", .error,
                "the ledger was damaged and set aside; every resource is adopted anew, nothing is regenerated",
                subject: "the ledger was damaged",
                """
                It was renamed to @KEYTURN_PATH@
                and a new one begun. What was published stays published, and the schedule goes on
                from the dates in the secrets directory. Pauses, holds and the history are lost.

                What to do: check the disk. Pause again what has to be paused:
                keyturn pause NAME
                """)
        case .notStarted:
            event(
                "0009cbcd7beb46f58cb190a4a81cf817", .critical, "not started",
                subject: "the daemon did not start",
                """
                @KEYTURN_ADVICE@

                Consumers keep the connection strings that are published. No key is regenerated.
                """)
        case .ready:
            event(
                "95a1ae6a9df74be0b4395e8662e8b952", .notice, "ready",
                subject: "the daemon is ready",
                """
                Every resource was looked at, or it is known and logged why not; whatever can be
                published is published. Resources that are not well are retried.

                To see all of them: keyturn status
                """)
        case .nothingPublished:
            event(
                "a1390a176f5a4c4c819e448ed63ae021", .error,
                "no connection string is published; consumers have nothing to read",
                subject: "consumers have nothing to read",
                """
                The secrets directory has no files for these resources, as after a reboot when it
                is on a tmpfs, and the keys cannot be fetched now. They are published as soon as
                Azure answers; consumers are told then. The lines 'failing' say what is wrong; when
                there are none, Azure has not answered yet.

                What to do: mend that first. If it lasts, copy a connection string from the Azure
                portal to the consumers by hand; do not regenerate a key.
                """)
        case .stopping:
            event(
                "4769ed5e5bff4ac392903c84b894e949", .notice, "stopping",
                subject: "the daemon stops",
                "Nothing new is begun. Consumers keep the connection strings that are published.")
        case .awaitingRegenerates:
            event(
                "23d2cdf433a042b2b4494ec9245c2626", .notice,
                "stopping as soon as the regenerates that were sent are answered",
                subject: "the stop waits for answers of Azure",
                """
                A regenerate cannot be called back, so its answer is awaited and recorded. If the
                process is killed meanwhile, the next start finds out what became of it.
                """)
        default:
            event(
                "8906aac1261d4ecdacecc195dcf67ae6", .error,
                "stopping although the ledger cannot be written; listKeys will tell at the next start",
                subject: "what was done for @KEYTURN_RESOURCE@ is not on record",
                """
                The ledger could not be written until the end. Nothing is lost: the next start
                compares the record with what Azure lists.

                What to do: free space for /var/lib/keyturn, or mend its disk, before that.
                """)
        }
    }

    private var ofConfiguration: JournalEvent {
        switch self {
        case .reloaded:
            event(
                "7a99cfa95b7c47a0be4e514e6efa74fd", .notice, "configuration reloaded",
                subject: "a new configuration is in force",
                "A reload rotates nothing by itself. 'keyturn plan' shows when each key turns now.")
        case .reloadRefused:
            event(
                "427368091c8b4df8875e533beb3210f1", .error, "configuration refused; the old one stays",
                subject: "the new configuration is refused",
                """
                @KEYTURN_AT@

                The old configuration stays in force as a whole, and rotations go on under it. A
                restart with the refused one would fail.

                What to do: correct every place that is logged, test with 'keyturn check', then
                'systemctl reload keyturn'.
                """)
        case .doubtfulConfiguration:
            event(
                "843a8815625f4a32abf1a2c3dfbc6192", .warning, "doubtful configuration",
                subject: "the configuration may not say what was meant",
                """
                @KEYTURN_AT@: @KEYTURN_DETAIL@

                It is in force all the same.
                """)
        case .resourceAdded:
            event(
                "6f5514634367454198ce4958b56d5592", .notice, "resource is in the configuration now",
                subject: "@KEYTURN_RESOURCE@ is in the configuration now",
                """
                A reload brought it. It is looked at, adopted and published; nothing is
                regenerated for that.
                """)
        case .resourceRemoved:
            event(
                "d72b33a62898493ea5889a276c301a20", .notice, "resource is not in the configuration any more",
                subject: "@KEYTURN_RESOURCE@ is not managed any more",
                """
                A reload left it out. Its published files stay and go on working, its keys do not
                turn any more. Its record is kept; named again, it goes on from there.

                What to do, if nobody uses it any more: remove its directory below the secrets
                directory.
                """)
        case .resourceRenamed:
            event(
                "b3d6b53dfdd54551ab655ef076614d66", .notice, "the resource has another name now and goes on under it",
                subject: "@KEYTURN_FORMER_NAME@ is @KEYTURN_RESOURCE@ now",
                """
                Its schedule and history go on. Its files are published under the new name; those
                under the old one stay and are not kept up to date, unless another resource has
                that name now: then its files take their place at once.

                What to do: point consumers to the new directory before the next rotation, then
                remove the old one, if no other resource has it.
                """)
        default:
            event(
                "623cb7e9771f4f29873934c989728381", .notice,
                "the name now stands for another Azure resource, which is adopted anew",
                subject: "@KEYTURN_RESOURCE@ stands for another Azure resource now",
                """
                It was @KEYTURN_EARLIER_ID@
                and is @KEYTURN_ID@.
                Its connection string replaces the other one in the same files. Nothing is
                regenerated for that.
                """)
        }
    }

    private var ofWork: JournalEvent {
        switch self {
        case .commandRefused:
            event(
                "8ad961bb210241948bf4d9ef0b304a8e", .notice, "command refused",
                subject: "'keyturn @KEYTURN_COMMAND@ @KEYTURN_RESOURCE@' was refused",
                "@KEYTURN_DETAIL@")
        case .alsoFailing:
            event(
                "ab8ad8c1b96d4fa99544192a71c6bfe2", .warning, "more are failing for the same reason",
                subject: "@KEYTURN_FAILING@ resources are failing (@KEYTURN_REASON@)",
                """
                @KEYTURN_MEANING@

                Many resources that fail alike are told of together; KEYTURN_RESOURCE has each
                name. They are tried again at growing intervals, and consumers keep what is
                published.

                What to do: @KEYTURN_ADVICE@
                """)
        case .stillFailing:
            event(
                "9fcdab16d52c4fd49713061aeb1a78c3", .warning, "still not well",
                subject: "@KEYTURN_FAILING@ resources are not well since @KEYTURN_SINCE@ (@KEYTURN_REASON@)",
                """
                @KEYTURN_MEANING@

                This line is repeated at growing intervals, then once a day, until it is over.

                What to do: @KEYTURN_ADVICE@

                To see all of them: keyturn status
                """)
        case .alsoRecovered:
            event(
                "c1ec80d31789483ba2e56d8d58b21626", .notice, "more have recovered",
                subject: "@KEYTURN_RECOVERED@ more resources have recovered (@KEYTURN_REASON@)",
                "What failed has succeeded for them. KEYTURN_FAILING says how many are left.")
        case .consumerOutput:
            event(
                "41510a4e6cc440e3a37e4cf44fe4151b", .info, "consumer output",
                subject: "what a consumer of @KEYTURN_RESOURCE@ said",
                """
                The output of a command of its 'run:'. That of one that fails again with the same
                output is not logged again.
                """)
        case .consumerNotRunning:
            event(
                "c93e1aeb0cb04b9c8d700efe9dbca345", .info, "consumer does not run; it reads the new key when it starts",
                subject: "a unit that uses @KEYTURN_RESOURCE@ does not run",
                "It counts as told. Keyturn starts no unit that somebody stopped.")
        case .regenerateAnsweredByAzure:
            event(
                "2ac5c59da20346cfab9f334597297165", .info, "Azure answered the regenerate",
                subject: "Azure answered the regenerate of @KEYTURN_RESOURCE@",
                "KEYTURN_REQUEST_ID is what Azure support asks for.")
        case .clockOff:
            event(
                "4f4c169160c84eb4896f2c3142041295", .warning,
                "the clock is off by more than five minutes, so signed calls of all consumers are refused; check NTP",
                subject: "this machine's clock is wrong",
                """
                Azure refuses signed calls whose date is more than five minutes off
                (@KEYTURN_CLOCK_OFFSET@). Consumers on this machine are refused, too.

                What to do: check 'timedatectl' and the NTP service.
                """)
        default:
            event(
                "d463ff1ea25e488ab97cb6b3e6d98c6c", .warning, "systemd could not be told",
                subject: "the notification socket of systemd does not take messages",
                """
                The status that 'systemctl status' shows may be out of date, and if it lasts the
                watchdog restarts the daemon, which goes on where it was.
                """)
        }
    }

    func event(
        _ id: String, _ level: Logger.Level, _ message: String, subject: String, _ explanation: String
    ) -> JournalEvent {
        JournalEvent(id, rawValue, level, message, subject: subject, explanation)
    }
}
