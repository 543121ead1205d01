import NIOHTTP1
import Rotation

/// A CommunicationService resource as the resource manager describes it; no secret is in it.
package struct CommunicationService: Hashable, Sendable {
    package let name: String
    /// `global` for every resource so far.
    package let location: String?
    /// The data-plane host, `contoso.unitedstates.communication.azure.com`.
    package let hostName: String?
    /// Stays the same when the resource is moved to another group or subscription.
    package let immutableResourceID: String?
    package let provisioningState: String?
    /// true: every access key is refused. nil: the api-version does not tell.
    package let disableLocalAuth: Bool?
    /// `Enabled`, `Disabled` or `SecuredByPerimeter`; nil: the api-version does not tell.
    package let publicNetworkAccess: String?

    init(_ answer: HTTPAnswer, of resource: ResourceID) throws(Failure) {
        guard let service = JSONValue(answer.body).flatMap({ CommunicationService($0) }) else {
            throw Failure(
                .badResponse, "reading \(resource) answered 200 without a resource in it", requestID: answer.requestID)
        }
        self = service
    }

    /// nil when it is no resource.
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.string else { return nil }
        let properties = json["properties"]
        self.name = name
        location = json["location"]?.string
        hostName = properties?["hostName"]?.string
        immutableResourceID = properties?["immutableResourceId"]?.string
        provisioningState = properties?["provisioningState"]?.string
        disableLocalAuth = properties?["disableLocalAuth"]?.bool
        publicNetworkAccess = properties?["publicNetworkAccess"]?.string
    }
}
