import Rotation

extension Note.Kind {
    /// The MESSAGE_ID of the journal entry (sd-id128(3)); never changed once released.
    package var messageID: String {
        switch self {
        case .adopted: "90f303661560561db369be037c13c8df"
        case .rotationRequested: "04f75a9aa36257d5a6ec6896d70b6e03"
        case .regenerateSent: "7c8e90b4bb4153ce82290ab6aae970ae"
        case .regenerateAnswered: "c4b027859d755f159db0155cd61b8abc"
        case .regenerateNotExecuted: "4d1e31c7ed1854cfad692cd060bf153d"
        case .regenerateUndecided: "eb8c0145c0dc5469a568680f8c13ee2d"
        case .regenerateDidNotRun: "95cd055fa5345c8cbe94958134ea8a09"
        case .keyConfirmed: "a909f0314c345725b6188c8671d404f6"
        case .keyVerified: "eb740be1798f53ccb4e0bb74cb151219"
        case .keyMoved: "c9b65752076b5615a0f94fdf08888c47"
        case .published: "04efb6f4b6585aa3b028b17acd9d2147"
        case .delivered: "6dcde0173a66599aa2e54bc354cbe329"
        case .failed: "2708b2e68234522ea267683afed95af9"
        case .recovered: "367e2a4d2a54565b85bbb5d6ab009bf5"
        case .held: "fc00f3ef53b258a7bbb1d2582d81ab77"
        case .resumed: "01bb99b93cd45e809edc6cb8b48cfd41"
        case .paused: "fce7c2f4d1595d0d9228bad17e20f6f0"
        case .currentKeyChanged: "be17722285cd5277af3213f24f688baa"
        case .otherKeyChanged: "6ae65595898e5f4ca9ce397fa0feee64"
        case .endpointChanged: "59f2542b141043a78ceedd5832a53193"
        case .secretsTampered: "25c80b2a58a35fb487b3732559eb00c3"
        case .filesUpdated: "52fe7571f782528e9a4c299829b2851b"
        case .keyTooOld: "2d1d26af3f8e5d238b6d7bf8e301a077"
        case .rescheduled: "d904297c19ce5c20acc92594a633270f"
        }
    }
}
