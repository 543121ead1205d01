import EventCatalog
import FoundationEssentials
import KeyMaterial
import Logging
import NIOCore
import NIOHTTP1
import Rotation

/// The calls to Azure Resource Manager.
package struct ResourceManagerClient: Sendable {
    let cloud: AzureCloud
    let options: AzureOptions
    let transport: HTTPTransport
    let tokens: TokenCache
    let writes: CallBudgets
    let reads: CallBudgets
    let clock: AzureClock
    let metrics: ARMMetrics
    let logger: Logger

    /// Both keys, checked. Repeated a few times when Azure or the network fails. Each request is held back until Azure's
    /// limit of writes for the subscription leaves room for it.
    ///
    /// - Throws: `badConnectionString` when the listing contradicts itself or names a host that is not allowed;
    ///   `throttled` when it would have to be held back for longer than `AzureOptions.patience`; else what Azure or the
    ///   network said.
    package func listKeys(_ resource: ResourceID, urgency: Urgency = .work) async throws(Failure) -> KeyListing {
        let answer = try await read(.listKeys, .resource(resource), urgency)
        return try KeyListing(answer, of: resource, hosts: cloud.dataPlaneHosts)
    }

    /// The resource itself. Repeated like `listKeys`.
    package func get(_ resource: ResourceID) async throws(Failure) -> CommunicationService {
        let answer = try await read(.read, .resource(resource), .work)
        return try CommunicationService(answer, of: resource)
    }

    /// Writes (`listKeys` and `regenerateKey`) that Azure's limit leaves room for at this moment in a subscription, as far
    /// as is known, and how many it is at most.
    package func availableWrites(subscription: String) -> (writes: Int, of: Int) {
        writes.available(subscription)
    }

    /// - Parameters:
    ///   - url: of a further page; nil: what the operation and the scope say.
    ///   - isAnswer: refusals that are an answer, too.
    func read(
        _ operation: ARMOperation, _ scope: ARMScope, _ urgency: Urgency, url: String? = nil,
        orNil isAnswer: (ARMRefusal) -> Bool
    ) async throws(Failure) -> HTTPAnswer? {
        let retrying = Retrying(clock: clock, tries: options.tries, longestWait: options.longestWait)
        return try await retrying { _ throws(Retrying.Setback) -> HTTPAnswer? in
            switch await authorized(operation, scope, urgency, url: url) {
            case .answered(let answer): return answer
            case .refused(let refusal) where isAnswer(refusal): return nil
            case .refused(let refusal):
                throw Retrying.Setback(failure: refusal.failure, mayRetry: refusal.isTransient)
            case .broken(let failure):
                throw Retrying.Setback(
                    failure: describe(failure, operation, scope),
                    mayRetry: failure.kind != .cancelled && failure.kind != .tooLarge)
            case .notSent(let failure):
                throw Retrying.Setback(failure: failure, mayRetry: false)
            }
        }
    }

    func read(
        _ operation: ARMOperation, _ scope: ARMScope, _ urgency: Urgency, url: String? = nil
    ) async throws(Failure) -> HTTPAnswer {
        guard let answer = try await read(operation, scope, urgency, url: url, orNil: { _ in false }) else {
            throw Failure(.badResponse, "\(operation.rawValue) of \(scope.name) came to no answer")
        }
        return answer
    }
}

extension ResourceManagerClient {
    /// How one request ended.
    enum Ending: Sendable {
        /// 200.
        case answered(HTTPAnswer)
        case refused(ARMRefusal)
        case broken(TransportFailure)
        /// Nothing was sent to the resource manager: there is no token, or no room in the subscription's limit.
        case notSent(Failure)
    }

    /// Sends the request; after a 401, which proves that it did not run, once more with a new token, which fulfils what the
    /// answer asks for.
    func authorized(
        _ operation: ARMOperation, _ scope: ARMScope, _ urgency: Urgency, url: String? = nil, body: ByteBuffer? = nil
    ) async -> Ending {
        do throws(Failure) {
            let first = try await turn(operation, scope, urgency)
            let ending = await once(operation, scope, url: url, body: body, token: first)
            guard case .refused(let refusal) = ending, refusal.status == 401, !Task.isCancelled else { return ending }
            tokens.invalidate(first, claims: refusal.claims)
            let second = try await turn(operation, scope, urgency)
            return await once(operation, scope, url: url, body: body, token: second)
        } catch {
            return .notSent(error)
        }
    }

    /// Waits until the request may go out, then gets a token: one from before might expire meanwhile.
    private func turn(
        _ operation: ARMOperation, _ scope: ARMScope, _ urgency: Urgency
    ) async throws(Failure) -> AccessToken {
        try await budgets(operation).turn(operation, scope, urgency)
        return try await tokens.token()
    }

    private func budgets(_ operation: ARMOperation) -> CallBudgets { operation.isWrite ? writes : reads }

    func describe(_ failure: TransportFailure, _ operation: ARMOperation, _ scope: ARMScope) -> Failure {
        Failure(
            failure.reason,
            "\(operation.rawValue) of \(scope.name) at \(cloud.resourceManager.authority): \(failure.detail)")
    }

    private func once(
        _ operation: ARMOperation, _ scope: ARMScope, url: String?, body: ByteBuffer?, token: AccessToken
    ) async -> Ending {
        let clientRequestID = UUID().uuidString.lowercased()
        let call = call(operation, scope, url: url, body: body, token: token, clientRequestID: clientRequestID)
        let start = clock.monotonic()
        let answer: HTTPAnswer
        do {
            answer =
                operation == .regenerateKey ? try await transport.sendOnce(call) : try await transport.send(call)
        } catch {
            metrics.ended(operation, status: nil, after: clock.monotonic() - start)
            logger.debug(
                "call to the resource manager failed",
                [
                    .operation: operation.rawValue, .resource: scope.description, .failure: error.detail,
                    .clientRequestID: clientRequestID, .duration: (clock.monotonic() - start).formattedSeconds,
                ])
            return .broken(error)
        }
        metrics.ended(operation, status: answer.status, after: clock.monotonic() - start)
        let facts: KeyValuePairs<LogKey, String?> = [
            .operation: operation.rawValue, .resource: scope.description, .status: "\(answer.status)",
            .requestID: answer.requestID, .clientRequestID: clientRequestID,
            .duration: (clock.monotonic() - start).formattedSeconds,
        ]
        // A refusal is told with its request id by whoever asked.
        if operation == .regenerateKey, answer.status == 200 {
            logger.log(.regenerateAnsweredByAzure, facts)
        } else {
            logger.debug("call to the resource manager answered", facts)
        }
        budgets(operation).answered(answer.headers, scope)
        guard answer.status != 200 else { return .answered(answer) }
        let refusal = ARMRefusal(answer, to: operation, on: scope, token: token, now: clock.wall())
        if refusal.isAboutLimit, let retryAfter = refusal.failure.retryAfter {
            budgets(operation).refused(retryAfter: retryAfter, scope)
        }
        return .refused(refusal)
    }

    private func call(
        _ operation: ARMOperation, _ scope: ARMScope, url: String?, body: ByteBuffer?, token: AccessToken,
        clientRequestID: String
    ) -> HTTPCall {
        let version = operation.apiVersion(options).percentEncoded
        var headers: HTTPHeaders = [
            "Authorization": token.secret.withExposedText { "Bearer \($0)" },
            "Accept": "application/json",
            "x-ms-client-request-id": clientRequestID,
            "x-ms-return-client-request-id": "true",
        ]
        if body != nil { headers.add(name: "Content-Type", value: "application/json") }
        return HTTPCall(
            method: operation.method,
            url: url ?? "\(cloud.resourceManager)\(scope.path)\(operation.pathSuffix)?api-version=\(version)",
            headers: headers, body: body,
            timeout: operation == .regenerateKey ? options.regenerateTimeout : options.callTimeout,
            bodyLimit: operation.bodyLimit)
    }
}
