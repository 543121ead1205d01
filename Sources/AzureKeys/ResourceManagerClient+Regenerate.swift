import KeyMaterial
import NIOCore
import Rotation

extension ResourceManagerClient {
    /// Regenerates one key: kills its old value at once, and cannot be undone.
    ///
    /// The request is sent once, over a connection of its own. It is sent a second time only after a 401, with a new
    /// token. Before that it is held back until Azure's limit of writes for the subscription leaves room for it; when that
    /// would take longer than `AzureOptions.patience` it is not sent. Everything else is left to the caller, sorted into
    /// what provably did not run and what may have.
    package func regenerateKey(_ resource: ResourceID, _ keyType: KeyType) async -> RegenerateOutcome {
        await regenerate(resource, keyType).outcome
    }

    /// `regenerateKey`, also handing over the new connection string.
    package func regenerate(_ resource: ResourceID, _ keyType: KeyType) async -> RegenerateAnswer {
        let body = ByteBuffer(string: #"{"keyType":"\#(keyType.rawValue)"}"#)
        switch await authorized(.regenerateKey, .resource(resource), .work, body: body) {
        case .answered(let answer): return read(answer, resource, keyType)
        case .notSent(let failure): return .notExecuted(failure)
        case .refused(let refusal):
            return refusal.provesNotExecuted ? .notExecuted(refusal.failure) : .ambiguous(refusal.failure)
        case .broken(let broken):
            let failure = describe(broken, .regenerateKey, .resource(resource))
            return broken.mayHaveBeenSent ? .ambiguous(failure) : .notExecuted(failure)
        }
    }

    private func read(_ answer: HTTPAnswer, _ resource: ResourceID, _ keyType: KeyType) -> RegenerateAnswer {
        guard let json = JSONValue(answer.body), case .object = json else {
            return .ambiguous(
                Failure(
                    .badResponse, "regenerateKey of \(resource.name) answered 200 without a JSON object",
                    requestID: answer.requestID))
        }
        do {
            return .regenerated(keyType, try ConnectionString(keyType, in: json, hosts: cloud.dataPlaneHosts))
        } catch {
            return .ambiguous(
                Failure(
                    error.reason,
                    "regenerateKey \(keyType) of \(resource.name) answered 200, but \(error.detail)",
                    requestID: answer.requestID))
        }
    }
}
