import Testing

@testable import Delivery

@Suite struct FailedOutputsTests {
    private let outputs = FailedOutputs()
    private let consumer = ConsumerID(rawValue: "run:warm")

    private func isNew(_ lines: [String]?, of resource: String = "contoso-sms") -> Bool {
        outputs.isNew(lines, resource, consumer)
    }

    @Test func theSameFailureIsToldOnce() {
        #expect(isNew(["no such host"]))
        #expect(!isNew(["no such host"]))
        #expect(isNew(["no such host"], of: "contoso-mail"))
        #expect(isNew(["timeout"]))
        #expect(isNew(["no such host"]))
    }

    @Test func afterASuccessItIsToldAnew() {
        #expect(isNew(["no such host"]))
        #expect(isNew(nil))
        #expect(isNew(nil))
        #expect(isNew(["no such host"]))
    }
}
