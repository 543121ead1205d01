import KeyMaterial
import Logging
import Rotation
import ServiceLifecycle

extension RotationEngine {
    /// Carries out one resource's steps until its machine waits.
    func drive(_ name: String) async {
        while let step = core.next(name, now: ports.clock.now, ending: isEnding) {
            tellMessages()
            guard await carryOut(step, name) else { break }
        }
        noteNothingPublished(name)
        core.driverEnded(name, ports.clock.now)
        tellMessages()
        options.changed()
        wakeup.signal()
    }

    /// False when the driver has to end.
    private func carryOut(_ step: EngineCore.Step, _ name: String) async -> Bool {
        switch step {
        case .save(let rotation, let notes, let now):
            do {
                try await ports.ledger.save(rotation, notes: notes, at: now)
                core.saved(name)
            } catch {
                core.saveFailed(name, error, now)
                return false
            }
        case .perform(let action, let resource):
            if let answer = await perform(action, resource) { core.answered(answer, name) }
        }
        return true
    }

    /// Carries out the action; nil when a shutdown cut it short, which is as if it had not been begun.
    private func perform(_ action: Action, _ resource: ManagedResource) async -> Event? {
        let troubled = core.isTroubled(resource.name)
        switch action {
        case .regenerate(let intent):
            return await regenerate(intent, of: resource, troubled: troubled)
        case .publish(let order):
            return await publish(order, of: resource)
        case .readSecrets:
            do {
                let view = try await ports.publisher.read(resource)
                withoutFiles[resource.name] = view == nil ? withoutFiles[resource.name] ?? false : nil
                return .secretsRead(view)
            } catch {
                return .secretsReadFailed(error)
            }
        case .listKeys:
            let urgency = core.urgency(resource.name, ports.clock.now)
            return await untilShutdown { try await self.list(resource, urgency, troubled: troubled) }
        case .probe(let keyType, let fingerprint):
            return await untilShutdown { try await self.probe(keyType, fingerprint, of: resource, troubled: troubled) }
        case .deliver(_, let consumers):
            let results = try? await cancelWhenGracefulShutdown {
                try await self.deliver(to: consumers, of: resource, troubled: troubled)
            }
            guard isEnding else { return results.map { .delivered($0) } }
            return results.flatMap(Self.cutShort)
        }
    }

    /// Who was told stays told; who was cut short by the shutdown is told again after the restart. nil when nobody was.
    private static func cutShort(_ results: [String: Failure?]) -> Event? {
        guard results.contains(where: { $0.value == nil }) else { return nil }
        let failure = Failure(.deliveryFailed, "the daemon stopped meanwhile; who was not told is told after its start")
        return .delivered(results.mapValues { $0 == nil ? nil : failure })
    }

    /// Runs what may be given up at any time; nil when the shutdown did so.
    private func untilShutdown(_ body: @escaping @Sendable () async throws -> Event) async -> Event? {
        let event = try? await cancelWhenGracefulShutdown(body)
        return isEnding ? nil : event
    }

    private func list(_ resource: ManagedResource, _ urgency: Urgency, troubled: Bool) async throws -> Event {
        let result: Result<KeyListing, Failure> = try await calls.withSlot(
            for: resource.id, troubled: troubled, urgency: urgency
        ) {
            do throws(Failure) {
                return .success(try await ports.authority.listKeys(of: resource, urgency: urgency))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let listing): return core.listed(listing, resource.name)
        case .failure(let failure): return .listKeysFailed(failure)
        }
    }

    private func probe(
        _ keyType: KeyType, _ fingerprint: Fingerprint, of resource: ManagedResource, troubled: Bool
    ) async throws -> Event {
        guard let connectionString = core.connectionString(keyType, fingerprint, resource.name) else {
            return .probed(.inconclusive(EngineCore.notListed))
        }
        return try await calls.withSlot(for: resource.id, troubled: troubled) {
            .probed(await ports.probe.probe(connectionString, of: resource))
        }
    }

    private func deliver(
        to consumers: [String], of resource: ManagedResource, troubled: Bool
    ) async throws -> [String: Failure?] {
        guard let published = core.published(resource.name) else { return [:] }
        return try await deliveries.withSlot(troubled: troubled) {
            await ports.delivery.deliver(published, to: consumers, of: resource)
        }
    }

    /// The one irreversible call. Its intent is on record; once it is sent, a shutdown waits for the answer.
    private func regenerate(_ intent: Intent, of resource: ManagedResource, troubled: Bool) async -> Event {
        do {
            return try await calls.withSlot(for: resource.id, troubled: troubled) {
                guard !isEnding, core.mayRegenerate(resource.name) else { throw CancellationError() }
                regeneratesUnderWay += 1
                defer {
                    regeneratesUnderWay -= 1
                    wakeup.signal()
                }
                return .regenerateAnswered(await ports.authority.regenerateKey(intent.keyType, of: resource))
            }
        } catch {
            return EngineCore.notSent(stopping: isEnding)
        }
    }

    private func publish(_ order: PublicationOrder, of resource: ManagedResource) async -> Event {
        guard let (current, previous) = core.connectionStrings(for: order, resource.name) else {
            return .publishFailed(EngineCore.notListed)
        }
        do {
            try await ports.publisher.publish(order, current: current, previous: previous, of: resource)
            withoutFiles[resource.name] = nil
            return .published
        } catch {
            return .publishFailed(error)
        }
    }
}
