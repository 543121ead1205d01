import Rotation

/// Limits of the engine, and whom it tells about itself.
package struct EngineOptions: Sendable {
    /// Calls to Azure at a time. Resources with trouble use at most half of it, so that they never delay the others.
    package var concurrency = 16
    /// The same for calls about resources of one subscription, so that one where calls hang or wait leaves room for others.
    package var concurrencyPerSubscription = 8
    /// Resources at work at a time; the others wait in the order in which they came due. Those with trouble are at most
    /// half of them.
    package var drivers = 64
    /// Deliveries at a time.
    package var deliveries = 16
    /// The longest sleep: a wall clock step or a suspend is seen at the latest after it.
    package var longestSleep: Duration = .seconds(60)
    /// Readiness is told at the latest after this time, with the resources that were not looked at yet.
    package var readinessLimit: Duration = .seconds(60)
    /// Called on each round of the engine's loop: the proof of life behind the watchdog.
    package var heartbeat: @Sendable () -> Void = {}
    /// Called when a resource's state changed.
    package var changed: @Sendable () -> Void = {}
    /// Called once, when every resource was looked at for the first time.
    package var ready: @Sendable () -> Void = {}
    /// Called when a shutdown waits for regenerates that were sent, with their number, at least every few seconds.
    package var awaitingRegenerates: @Sendable (Int) -> Void = { _ in }

    package init() {}
}
