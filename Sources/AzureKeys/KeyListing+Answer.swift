import KeyMaterial
import NIOHTTP1
import Rotation

extension KeyListing {
    /// Reads and checks the answer of `listKeys`.
    ///
    /// - Throws: `badResponse` when it is no JSON object, `badConnectionString` when anything in it contradicts itself.
    init(_ answer: HTTPAnswer, of resource: ResourceID, hosts: DataPlaneHosts) throws(Failure) {
        guard let json = JSONValue(answer.body), case .object = json else {
            throw Failure(
                .badResponse, "listKeys of \(resource.name) answered 200 without a JSON object",
                requestID: answer.requestID)
        }
        let primary: ConnectionString
        let secondary: ConnectionString
        do throws(Failure) {
            primary = try ConnectionString(.primary, in: json, hosts: hosts)
            secondary = try ConnectionString(.secondary, in: json, hosts: hosts)
            guard primary.accessKey != secondary.accessKey else {
                throw Failure(.badConnectionString, "both keys are the same")
            }
            guard primary.endpoint.lowercased() == secondary.endpoint.lowercased() else {
                throw Failure(
                    .badConnectionString,
                    "the connection strings name two endpoints, \(primary.endpoint) and \(secondary.endpoint)")
            }
        } catch {
            throw Failure(
                error.reason, "listKeys of \(resource.name): \(error.detail)", requestID: answer.requestID)
        }
        self.init(
            primary: primary, secondary: secondary,
            serverDate: answer.headers.first(name: "date").flatMap(HTTPDate.parse))
    }
}

extension ConnectionString {
    /// The connection string of one key type from the answer of `listKeys` or `regenerateKey`, compared with the key
    /// listed beside it.
    init(_ keyType: KeyType, in json: JSONValue, hosts: DataPlaneHosts) throws(Failure) {
        let name = keyType.rawValue.lowercased()
        guard let key = json["\(name)Key"]?.string, let text = json["\(name)ConnectionString"]?.string else {
            throw Failure(.badConnectionString, "'\(name)Key' or '\(name)ConnectionString' is missing in the answer")
        }
        guard let accessKey = AccessKey(key) else {
            throw Failure(.badConnectionString, "'\(name)Key' is not base64 of 32 bytes or more")
        }
        let connectionString: ConnectionString
        do {
            connectionString = try ConnectionString(text)
        } catch {
            throw Failure(.badConnectionString, "'\(name)ConnectionString': \(error)")
        }
        guard connectionString.accessKey == accessKey else {
            throw Failure(.badConnectionString, "'\(name)ConnectionString' does not contain '\(name)Key'")
        }
        _ = try hosts.endpoint(of: connectionString)
        self = connectionString
    }
}
