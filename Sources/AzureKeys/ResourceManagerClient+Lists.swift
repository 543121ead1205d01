import Rotation

extension ResourceManagerClient {
    /// The CommunicationServices of a subscription or a resource group, all pages of them. Repeated like `listKeys`.
    ///
    /// Azure leaves out, without a word, what the identity may not read.
    ///
    /// - Throws: what Azure or the network said about any page: then nothing is known of what is missing.
    package func services(in scope: ARMScope, urgency: Urgency = .work) async throws(Failure) -> [ListedService] {
        try await list(.list, scope, urgency) { ListedService($0) }
    }

    /// As `services`; nil when Azure says that there is no such resource group, which it tells only who may see its
    /// subscription.
    package func servicesIfThere(
        in scope: ARMScope, urgency: Urgency = .work
    ) async throws(Failure) -> [ListedService]? {
        try await list(.list, scope, urgency, orNil: { $0.status == 404 && $0.code?.lowercased() == Self.noGroup }) {
            ListedService($0)
        }
    }

    /// The subscriptions that the identity sees and that are in use, by their ids.
    package func subscriptions() async throws(Failure) -> [String] {
        try await list(.listSubscriptions, .tenant, .work) { json in
            json["subscriptionId"]?.string.map { (id: $0, state: json["state"]?.string) }
        }.filter { !["disabled", "deleted"].contains($0.state?.lowercased()) }.map(\.id)
    }

    /// What the identity may do on the resource: the sum of its role assignments there and above.
    package func permissions(on resource: ResourceID) async throws(Failure) -> PermissionSet {
        PermissionSet(entries: try await list(.listPermissions, .resource(resource), .work) { PermissionSet.Entry($0) })
    }

    /// The locks that count for the resource: its own, and those of its group and its subscription as far as Azure lists
    /// them here.
    package func locks(on resource: ResourceID) async throws(Failure) -> [ManagementLock] {
        try await list(.listLocks, .resource(resource), .work) { ManagementLock($0) }.filter { $0.covers(resource) }
    }

    /// Whether there is such a resource.
    ///
    /// - Throws: what Azure or the network said. That there is no such subscription is no answer: so it is for an identity
    ///   that may not see it.
    package func exists(_ resource: ResourceID, urgency: Urgency = .work) async throws(Failure) -> Bool {
        try await read(.read, .resource(resource), urgency) { refusal in
            refusal.status == 404 && ["resourcenotfound", Self.noGroup].contains(refusal.code?.lowercased())
        } != nil
    }
}

extension ResourceManagerClient {
    /// A list of more pages is none.
    private static let mostPages = 10_000
    private static let noGroup = "resourcegroupnotfound"

    private func list<Element>(
        _ operation: ARMOperation, _ scope: ARMScope, _ urgency: Urgency, _ make: (JSONValue) -> Element?
    ) async throws(Failure) -> [Element] {
        try await list(operation, scope, urgency, orNil: { _ in false }, make) ?? []
    }

    private func list<Element>(
        _ operation: ARMOperation, _ scope: ARMScope, _ urgency: Urgency, orNil isAnswer: (ARMRefusal) -> Bool,
        _ make: (JSONValue) -> Element?
    ) async throws(Failure) -> [Element]? {
        var elements: [Element] = []
        var url: String?
        var seen: Set<String> = []
        while seen.count < Self.mostPages {
            guard let answer = try await read(operation, scope, urgency, url: url, orNil: isAnswer) else { return nil }
            func useless(_ what: String) -> Failure {
                Failure(
                    .badResponse, "\(operation.rawValue) of \(scope.name) answered 200, but \(what)",
                    requestID: answer.requestID)
            }
            guard let json = JSONValue(answer.body), case .array(let values)? = json["value"] else {
                throw useless("there is no list in it")
            }
            for value in values {
                guard let element = make(value) else { throw useless("something in the list cannot be read") }
                elements.append(element)
            }
            guard let link = json["nextLink"]?.string, !link.isEmpty else { return elements }
            guard let next = NextLink(link, on: cloud.resourceManager) else {
                throw useless("its next page is not at \(cloud.resourceManager.authority)")
            }
            guard seen.insert(next.url).inserted else { throw useless("its pages lead in a circle") }
            url = next.url
        }
        throw Failure(.badResponse, "\(operation.rawValue) of \(scope.name) does not end")
    }
}

/// Where the next page of a list is. A token goes there, so it has to be the resource manager that was asked.
struct NextLink: Hashable, Sendable {
    let url: String

    /// nil when it is elsewhere, or no URL.
    init?(_ link: String, on resourceManager: Endpoint) {
        guard let separator = link.firstRange(of: "://"), link.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            let slash = link[separator.upperBound...].firstIndex(of: "/"), !link.contains("#"),
            let endpoint = try? Endpoint(String(link[..<slash])),
            // Azure writes the usual port out.
            endpoint.scheme == resourceManager.scheme, endpoint.authority == resourceManager.authority
        else { return nil }
        url = "\(endpoint.scheme)://\(endpoint.authority)\(link[slash...])"
    }
}
