import Crypto
import FoundationEssentials

/// All resources and their keys. The index of a resource gives its address.
struct ResourceBook: Sendable {
    struct Resource: Sendable {
        let id: EmulatedResourceID
        let immutableID: String
        let address: LoopbackAddress
        let createdAt: Date
        var facts = ResourceFacts()
        /// Azure leaves it alone when a key is regenerated.
        var lastModifiedAt: Date
        /// When Resource Manager is done with making it.
        let provisionedAt: Date
        /// A deleted resource keeps its index and address, so that neither is another's one day.
        fileprivate(set) var isDeleted = false
        fileprivate var nextDoor = KeySlot.Door.prompt
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
        for id in ids where indices[id.key] == nil { create(id, ResourceFacts(), now: now) }
    }

    /// Makes a resource that is not there, and returns its index.
    @discardableResult
    mutating func create(
        _ id: EmulatedResourceID, _ facts: ResourceFacts, now: Date, provisionedAt: Date? = nil
    ) -> Int {
        let index = resources.count
        let resource = Resource(
            id: id, immutableID: UUID().uuidString.lowercased(), address: LoopbackAddress(resource: index),
            createdAt: now, facts: facts, lastModifiedAt: now, provisionedAt: provisionedAt ?? now,
            primary: KeySlot(now: now),
            secondary: KeySlot(now: now))
        indices[id.key] = index
        groups.insert(Self.groupKey(id.subscription, id.resourceGroup))
        subscriptionNames[id.subscription.lowercased()] = id.subscription
        keysEverMade += [resource.primary.text, resource.secondary.text]
        resources.append(resource)
        return index
    }

    mutating func change(_ index: Int, _ facts: ResourceFacts, now: Date) {
        resources[index].facts = facts
        resources[index].lastModifiedAt = now
    }

    /// A resource that is made again under the same id is another one, with keys of its own.
    mutating func delete(_ index: Int) {
        resources[index].isDeleted = true
        indices[resources[index].id.key] = nil
    }

    /// Those that are not deleted.
    var live: [Int] { resources.indices.filter { !resources[$0].isDeleted } }

    func isLive(_ index: Int) -> Bool { resources.indices.contains(index) && !resources[index].isDeleted }

    func index(of id: EmulatedResourceID) -> Int? { indices[id.key] }

    /// The first one that is meant by the text.
    func index(named text: String) -> Int? { resources.firstIndex { !$0.isDeleted && $0.id.isMeant(by: text) } }

    var subscriptions: [String] { subscriptionNames.values.sorted() }

    func hasSubscription(_ subscription: String) -> Bool { subscriptionNames[subscription.lowercased()] != nil }

    func hasGroup(_ subscription: String, _ group: String) -> Bool {
        groups.contains(Self.groupKey(subscription, group))
    }

    mutating func regenerate(
        _ index: Int, _ keyType: EmulatedKeyType, now: Date, _ spread: KeySlot.Spread = KeySlot.Spread()
    ) -> Change {
        let before = resources[index][keyType].fingerprint
        resources[index][keyType].regenerate(now: now, spread)
        keysEverMade.append(resources[index][keyType].text)
        return Change(keyType: keyType, before: before, after: resources[index][keyType].fingerprint)
    }

    /// The keys, of either type, that the data plane of a resource takes from the next call. As long as its front doors
    /// differ, calls take them in turn.
    mutating func signingKeys(_ index: Int, now: Date) -> [SymmetricKey] {
        let slots = EmulatedKeyType.allCases.map { resources[index][$0] }
        let door = resources[index].nextDoor
        if slots.contains(where: { $0.flaps(now: now) }) {
            resources[index].nextDoor = door == .prompt ? .behind : .prompt
        }
        return slots.flatMap { $0.signingKeys(at: door, now: now) }
    }

    private static func groupKey(_ subscription: String, _ group: String) -> String {
        "\(subscription)/\(group)".lowercased()
    }
}
