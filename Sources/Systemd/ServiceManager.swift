import CSystemd
import Glibc

/// systemd, over the system bus: `org.freedesktop.systemd1` (org.freedesktop.systemd1(5)).
///
/// Each call has a connection of its own, so that a bus or a systemd that was started anew is found again at the next.
package struct ServiceManager: Sendable {
    /// How a job ended.
    package struct Job: Hashable, Sendable {
        /// The unit's own name, should it have been named by an alias.
        package let unit: String
        /// `done`, `failed`, `timeout`, `canceled`, `dependency`, `skipped`, …: the last argument of `JobRemoved`.
        package let result: String
        /// Before the job, the unit did not run; nor does it after it unless the verb starts units.
        package let wasInactive: Bool
        /// When it failed, if that is why it did not run, in microseconds since 1970.
        package let failedAt: Int64?
    }

    /// A call that failed, with the unit's own name as far as it is known.
    package struct Refusal: Error, Hashable, Sendable {
        package let failure: BusFailure
        package let unit: String
        package let wasInactive: Bool
    }

    private let address: String?

    /// - Parameter address: of the bus (sd_bus_set_address(3)); nil: the system's.
    package init(address: String? = nil) {
        self.address = address
    }

    /// Has the job done, and waits for its end, however it ends. A cancelled task gives up waiting; the job goes on.
    package func run(_ verb: UnitVerb, _ unit: String, timeout: Duration) async throws(Refusal) -> Job {
        let deadline = ContinuousClock.now + timeout
        return try await Self.own { [address] stop throws(Refusal) in
            var state = UnitState(id: unit, loadState: "", activeState: "")
            do throws(BusFailure) {
                let bus = try BusConnection.open(address: address, deadline: deadline, stop: stop)
                var removed: [String: String] = [:]
                bus.received = { message throws(BusFailure) in
                    guard message.isSignal(Self.manager, "JobRemoved") else { return }
                    try message.skip("u")
                    let job = try message.text("o")
                    try message.skip("s")
                    removed[job] = try message.text()
                }
                // Before the call: the job may be removed before the answer says which one it is.
                _ = try bus.call(
                    "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch",
                    [
                        "type='signal',sender='\(Self.destination)',path='\(Self.root)',"
                            + "interface='\(Self.manager)',member='JobRemoved'"
                    ])
                _ = try bus.call(Self.destination, Self.root, Self.manager, "Subscribe")
                state = try UnitState(of: unit, bus)
                let job = try bus.call(Self.destination, Self.root, Self.manager, verb.method, [unit, "replace"])
                    .text("o")
                while true {
                    if let result = removed[job] {
                        return Job(
                            unit: state.id, result: result, wasInactive: state.isInactive, failedAt: state.failedAt)
                    }
                    try bus.receive()
                }
            } catch {
                throw Refusal(failure: error, unit: state.id, wasInactive: state.isInactive)
            }
        }
    }

    /// What is to be known of a unit; nil when there is no such unit. Needs no permission.
    package func facts(of unit: String, timeout: Duration) async throws(BusFailure) -> UnitFacts? {
        let deadline = ContinuousClock.now + timeout
        do throws(Refusal) {
            return try await Self.own { [address] stop throws(Refusal) in
                do throws(BusFailure) {
                    let bus = try BusConnection.open(address: address, deadline: deadline, stop: stop)
                    return try UnitFacts(of: unit, bus)
                } catch {
                    throw Refusal(failure: error, unit: unit, wasInactive: false)
                }
            }
        } catch {
            throw error.failure
        }
    }

    static let destination = "org.freedesktop.systemd1"
    static let root = "/org/freedesktop/systemd1"
    static let manager = "org.freedesktop.systemd1.Manager"

    private static func own<Value: Sendable>(
        _ body: @escaping @Sendable (StopSignal) throws(Refusal) -> Value
    ) async throws(Refusal) -> Value {
        let result = await onOwnThread { stop in
            do throws(Refusal) {
                return Result<Value, Refusal>.success(try body(stop))
            } catch {
                return .failure(error)
            }
        }
        guard let result else {
            throw Refusal(
                failure: .unavailable("there is no thread or descriptor left to wait with"), unit: "",
                wasInactive: false)
        }
        return try result.get()
    }
}
