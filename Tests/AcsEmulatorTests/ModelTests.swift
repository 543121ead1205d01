import FoundationEssentials
import Testing

@testable import AcsEmulator

@Suite struct ModelTests {
    private let start = Date(timeIntervalSince1970: 1_772_413_323)

    @Test func `ten thousand resources have ten thousand good addresses`() {
        let addresses = (0..<EmulatedResourceID.limit).map { LoopbackAddress(resource: $0) }
        #expect(Set(addresses).count == addresses.count)
        #expect(addresses.first?.description == "127.0.0.2")
        #expect(addresses[252].description == "127.0.0.254")
        #expect(addresses[253].description == "127.0.1.1")
        for (index, address) in addresses.enumerated() {
            #expect(address.resourceIndex == index)
            #expect(![0, 255].contains(address.octets[3]))
            #expect(LoopbackAddress(address.description) == address)
        }
    }

    @Test(arguments: ["127.0.0.0", "127.0.0.1", "127.0.0.255"])
    func `no resource has these addresses`(text: String) throws {
        #expect(try #require(LoopbackAddress(text)).resourceIndex == nil)
    }

    @Test(arguments: ["10.0.0.1", "128.0.0.1", "127.0.0", "127.0.0.256", "127.0.0.+1", "::1", ""])
    func `other addresses are no loopback addresses`(text: String) {
        #expect(LoopbackAddress(text) == nil)
    }

    @Test func `a new key reaches the data plane when its delay is over`() {
        var book = ResourceBook(EmulatorClient.resources, now: start)
        let old = book.signingKeys(0, now: start)
        #expect(old.count == 2)
        let change = book.regenerate(0, .primary, now: start, .init(propagation: 10, linger: 5))
        #expect(change.before != change.after)
        #expect(book.resources[0].primary.fingerprint == change.after)
        #expect(book.signingKeys(0, now: start.addingTimeInterval(4.9)) == old)
        #expect(book.signingKeys(0, now: start.addingTimeInterval(5)) == [old[1]])
        #expect(book.signingKeys(0, now: start.addingTimeInterval(9.9)) == [old[1]])
        #expect(book.signingKeys(0, now: start.addingTimeInterval(10)).count == 2)
        #expect(book.keysEverMade.count == 5)
    }

    @Test func `a bucket empties and fills`() {
        var bucket = TokenBucket(capacity: 2, refillPerSecond: 10, now: start)
        #expect(bucket.take(now: start) == .taken(remaining: 1))
        #expect(bucket.take(now: start) == .taken(remaining: 0))
        #expect(bucket.take(now: start) == .empty(retryAfter: 1))
        #expect(bucket.take(now: start.addingTimeInterval(-60)) == .empty(retryAfter: 1))
        #expect(bucket.take(now: start.addingTimeInterval(0.2)) == .taken(remaining: 1))
        #expect(bucket.take(now: start.addingTimeInterval(3600)) == .taken(remaining: 1))
    }

    @Test func `a full log forgets the oldest`() {
        var log = CallLog()
        let total = CallLog.capacity + 50
        for number in 0..<total {
            log.append(EmulatorLogEntry(method: "GET", path: "/\(number)", operation: .get), now: start)
        }
        #expect(log.entries(since: 0).count == CallLog.capacity)
        #expect(log.entries(since: 0).first?.sequence == 51)
        #expect(log.entries(since: total - 2).map(\.path) == ["/\(total - 2)", "/\(total - 1)"])
        #expect(log.entries(since: total).isEmpty)
        #expect(log.entries(since: .max).isEmpty)
        #expect(log.entries(since: 0).last?.time == "2026-03-02T01:02:03.000Z")
    }

    @Test func `faults are read from text`() throws {
        #expect(try EmulatorFault("lostReply") == EmulatorFault(.lostReply))
        #expect(
            try EmulatorFault("latency=200,resource=a,operation=listKeys,count=3")
                == EmulatorFault(.latency, 200, resource: "a", operation: .listKeys, count: 3))
        #expect(try EmulatorFault("clockSkew=-400").value == -400)
        for text in ["", "latency=", "latency=x", "lostReply=2", "latency=5,", "latency=5,count", "latency=-1"] {
            #expect(throws: EmulatorFault.Malformed.self, "\(text)") { try EmulatorFault(text) }
        }
    }

    @Test func `resources are read from text`() throws {
        let id = try EmulatedResourceID("00000000-0000-0000-0000-00000000000A/Group(1)_x/Name-1")
        #expect(id.resourceGroup == "Group(1)_x")
        #expect(try EmulatedResourceID(id.description.lowercased()) == id)
        #expect(try EmulatedResourceID("\(id.subscription)/group(1)_X/NAME-1") == id)
    }

    @Test(arguments: [
        "", "a/b", "a/b/c", "00000000-0000-0000-0000-000000000001//x", "00000000-0000-0000-0000-000000000001/g./x",
        "00000000-0000-0000-0000-000000000001/g/x y",
        "00000000-0000-0000-0000-000000000001/g/\(String(repeating: "x", count: 64))",
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Storage/accounts/x",
    ])
    func `malformed resources are refused`(text: String) {
        #expect(throws: EmulatedResourceID.Malformed.self) { try EmulatedResourceID(text) }
    }

    @Test func `percent encoding is undone`() {
        #expect(PercentEncoding.decode("a%2Fb%c3%A4+%zz%2") == "a/bä+%zz%2")
        let form = FormFields("Scope=a%20b+c&x=1=2&empty=&flag")
        #expect(form.first("scope") == "a b c")
        #expect(form.first("x") == "1=2")
        #expect(form.first("empty") == "")
        #expect(form.first("flag") == "")
        #expect(form.first("none") == nil)
    }
}
