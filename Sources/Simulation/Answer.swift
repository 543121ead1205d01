import KeyMaterial
import Rotation
import RotationEngine

/// What a call of the daemon brings back, and what the world learns from the daemon knowing it.
enum Answer {
    case listed(KeyListing, keys: [Int], service: Int)
    case probed(ProbeOutcome, key: Int?, service: Int)
    case regenerated(RegenerateOutcome, request: Int, service: Int)
    case delivered([String: Failure?], file: String)
    case failed(Event)

    /// Hands it to the daemon that asked, if that one still runs.
    func deliver(to world: World, _ daemon: Int, _ name: String) {
        guard world.daemon?.number == daemon else { return }
        let event: Event
        switch self {
        case .listed(let listing, let keys, let service):
            world.wasRefused(nil, service)
            // Who is to be let go does not look at it any more.
            if world.daemon?.core.isLeaving(name) == false {
                world.wasListed(keys, service)
                world.wasShown(listing.primary.endpoint, service)
            }
            guard let listed = world.daemon?.core.listed(listing, name) else { return }
            event = listed
        case .probed(let outcome, let key, let service):
            if let key { world.wasProbed(outcome, key, service) }
            if let asked = outcome.failure?.retryAfter { world.disturb(service, leftAlone: asked) }
            event = .probed(outcome)
        case .regenerated(let outcome, let request, let service):
            world.wasAnswered(outcome, request, service)
            if let asked = outcome.failure?.retryAfter { world.disturb(service, leftAlone: asked) }
            event = .regenerateAnswered(outcome)
        case .delivered(let results, let file):
            world.wereTold(results, file)
            event = .delivered(results)
        case .failed(let failure):
            if case .listKeysFailed(let reason) = failure, let service = world.file(named: name) {
                world.wasRefused(reason, world.files[service].service)
            }
            event = failure
        }
        world.trace.write(world.now, "\(name) <- \(Self.text(of: event))")
        world.answered(event, name)
    }

    /// The order of a dictionary differs from run to run.
    private static func text(of event: Event) -> String {
        guard case .delivered(let results) = event else { return "\(event)" }
        let told = results.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value?.detail ?? "told")" }
        return "delivered(\(told.joined(separator: ", ")))"
    }
}

extension ProbeOutcome {
    fileprivate var failure: Failure? {
        switch self {
        case .succeeded: nil
        case .denied(let failure), .inconclusive(let failure): failure
        }
    }
}

extension RegenerateOutcome {
    fileprivate var failure: Failure? {
        switch self {
        case .regenerated: nil
        case .notExecuted(let failure), .ambiguous(let failure): failure
        }
    }
}
