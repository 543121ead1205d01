import Rotation

extension World {
    /// Something happens to the world, or somebody does something to the machine.
    mutating func disturb() throws {
        actionsInARow = 0
        switch Int.random(in: 0..<16, using: &random) {
        case 0: outsideHand(.primary)
        case 1: outsideHand(.secondary)
        case 2, 3: tamper()
        case 4: try stepClock()
        case 5:
            try feed(.pauseRequested(actor: "ada", until: random.chance(0.5) ? now + random.seconds(1...40_000) : nil))
        case 6, 7: try feed(.resumeRequested(actor: "ada"))
        case 8, 9: try reconfigure()
        case 10, 11, 12:
            if machine.rotationRefusal(now) == nil { try feed(.rotationRequested(actor: "ada")) }
        case 13: try crash()
        default:
            // That publishing takes hours just when the clock is set would be one misfortune too many.
            if case .publish = machine.awaited { pass(random.seconds(1...120)) } else { pass(random.seconds(1...7200)) }
        }
    }

    private mutating func outsideHand(_ keyType: KeyType) {
        let slow = random.chance(0.2) ? time + random.seconds(1...3000) : nil
        azure.regenerate(keyType, refusedUntil: slow)
        log("an outside hand regenerated \(keyType): \(azure.keys)")
    }

    private mutating func tamper() {
        guard var view = files else { return }
        // Swapped and swapped back while a consumer reads is more than anybody can see.
        let again = tampered
        tampered = true
        switch again ? 0 : Int.random(in: 0..<4, using: &random) {
        case 0: files = nil
        case 1:
            view.intact = false
            files = view
        case 2:
            view.fingerprint = nil
            view.intact = false
            files = view
        default:
            // An old backup, or the other key by hand.
            view.fingerprint = view.keyType.map { azure.keys[$0.other] }
            view.keyType = view.keyType?.other
            view.intact = random.chance(0.5)
            files = view
        }
        log("tampered: \(files.map { "\($0)" } ?? "gone")")
    }

    private mutating func stepClock() throws {
        let before = now
        switch Int.random(in: 0..<4, using: &random) {
        case 0: clockError = random.seconds(-200...200)
        case 1: clockError = random.seconds(400...400_000)
        case 2: clockError = .zero - random.seconds(400...400_000)
        default: clockError = .zero
        }
        log("the clock is \(clockError) ahead")
        // Whoever drives the machine wakes it when the clock was set back.
        if now < before { try feed(.woke) }
    }

    private mutating func reconfigure() throws {
        var settings = machine.settings
        switch Int.random(in: 0..<7, using: &random) {
        case 0: settings.policy.every = random.seconds(10_000...100_000)
        case 1: settings.policy.overlap = random.seconds(600...9000)
        case 2: settings.policy.mode = [.auto, .auto, .manual, .paused].randomElement(using: &random) ?? .auto
        case 3: settings.policy.retire.toggle()
        case 4: settings.consumers = ["a", "b", "c"].filter { _ in random.chance(0.6) }
        case 5: settings.policy.driftCheck = random.seconds(300...7200)
        default:
            guard random.chance(0.3) else { break }
            alwaysVerified = false
            settings.policy.verification = settings.policy.verification == nil ? Policy.Verification() : nil
        }
        guard random.chance(0.7) else {
            // The daemon is restarted with another configuration.
            log("another configuration: \(settings)")
            if case .regenerate(let intent) = machine.awaited { send(intent) }
            machine = RotationMachine(settings: settings, record: record)
            try feed(.started)
            return
        }
        try feed(.reconfigured(settings))
    }
}
