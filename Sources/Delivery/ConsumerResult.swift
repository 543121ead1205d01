import Rotation

/// How telling one consumer ended.
package struct ConsumerResult: Hashable, Sendable {
    package let consumer: Consumer
    /// nil: the consumer was told.
    package let failure: Failure?

    package init(consumer: Consumer, failure: Failure?) {
        self.consumer = consumer
        self.failure = failure
    }

    package var succeeded: Bool { failure == nil }
}
