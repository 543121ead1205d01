import Crypto
import FoundationEssentials

/// All resources and their keys. The index of a resource gives its address.
struct ResourceBook: Sendable {
    struct Resource: Sendable {
        let id: EmulatedResourceID
        let immutableID: String
        let address: LoopbackAddress
        let createdAt: Date
        fileprivate(set) var tags: [String: String] = [:]
        /// Deleted: its place and its address are nobody else's.
        fileprivate(set) var isGone = false
        fileprivate(set) var primary: KeySlot
        fileprivate(set) var secondary: KeySlot

        subscript(keyType: EmulatedKeyType) -> KeySlot {
            get {
                switch keyType {
                case .primary: primary
                case .secondary: secondary
                }
            }
            set {
                switch keyType {
                case .primary: primary = newValue
                case .secondary: secondary = newValue
                }
            }
        }
    }

    /// What a regenerate did.
    struct Change: Equatable, Sendable {
        let keyType: EmulatedKeyType
        let before: String
        let after: String
    }

    private(set) var resources: [Resource] = []
    private var indices: [String: Int] = [:]
    private var groups: Set<String> = []
    private var subscriptionNames: [String: String] = [:]
    /// Every key there ever was, for tests that look for leaks.
    private(set) var keysEverMade: [String] = []

    init(_ ids: [EmulatedResourceID], now: Date) {
        for id in ids where indices[id.key] == nil { make(id, tags: [:], now: now) }
    }

    /// A new resource with new keys, or another set of tags for one that is there.
    mutating func put(_ id: EmulatedResourceID, tags: [String: String], now: Date) {
        guard let index = indices[id.key] else { return make(id, tags: tags, now: now) }
        resources[index].tags = tags
    }

    /// False when there is no such resource. Its group and its subscription stay.
    mutating func remove(_ id: EmulatedResourceID) -> Bool {
        guard let index = indices.removeValue(forKey: id.key) else { return false }
        resources[index].isGone = true
        return true
    }

    private mutating func make(_ id: EmulatedResourceID, tags: [String: String], now: Date) {
        let resource = Resource(
            id: id, immutableID: UUID().uuidString.lowercased(), address: LoopbackAddress(resource: resources.count),
            createdAt: now, tags: tags, primary: KeySlot(now: now), secondary: KeySlot(now: now))
        indices[id.key] = resources.count
        groups.insert(Self.groupKey(id.subscription, id.resourceGroup))
        subscriptionNames[id.subscription.lowercased()] = id.subscription
        keysEverMade += [resource.primary.text, resource.secondary.text]
        resources.append(resource)
    }

    func isPresent(_ index: Int) -> Bool { resources.indices.contains(index) && !resources[index].isGone }

    /// The places of those that are there.
    var present: [Int] { resources.indices.filter { !resources[$0].isGone } }

    func index(of id: EmulatedResourceID) -> Int? { indices[id.key] }

    /// The first one that is meant by the text.
    func index(named text: String) -> Int? { resources.firstIndex { !$0.isGone && $0.id.isMeant(by: text) } }

    var subscriptions: [String] { subscriptionNames.values.sorted() }

    func hasSubscription(_ subscription: String) -> Bool { subscriptionNames[subscription.lowercased()] != nil }

    func hasGroup(_ subscription: String, _ group: String) -> Bool {
        groups.contains(Self.groupKey(subscription, group))
    }

    mutating func regenerate(
        _ index: Int, _ keyType: EmulatedKeyType, now: Date, propagation: TimeInterval = 0, linger: TimeInterval = 0
    ) -> Change {
        let before = resources[index][keyType].fingerprint
        resources[index][keyType].regenerate(now: now, propagation: propagation, linger: linger)
        keysEverMade.append(resources[index][keyType].text)
        return Change(keyType: keyType, before: before, after: resources[index][keyType].fingerprint)
    }

    /// The keys, of either type, that the data plane of a resource takes at this instant.
    func signingKeys(_ index: Int, now: Date) -> [SymmetricKey] {
        EmulatedKeyType.allCases.flatMap { resources[index][$0].signingKeys(now: now) }
    }

    private static func groupKey(_ subscription: String, _ group: String) -> String {
        "\(subscription)/\(group)".lowercased()
    }
}
