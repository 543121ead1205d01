import Rotation

/// Applications that read the published file at random times, and go on using what they read for as long as they were
/// promised.
extension World {
    func scheduleConsumer(_ file: Int, _ consumer: Int) {
        queue.add(
            .consumer(file: file, consumer: consumer), at: now + random.exponential(mean: .seconds(20 * 86_400)))
    }

    /// One application makes a call with what it has, and perhaps reads again before.
    func consume(_ file: Int, _ consumer: Int) {
        scheduleConsumer(file, consumer)
        guard files[file].isManaged else { return }
        let service = files[file].service
        let held = files[file].readers[consumer]
        if held.map({ !mayStillUse(file, $0) }) ?? true || random.chance(0.4) { read(file, consumer) }
        guard let key = files[file].readers[consumer] else { return }
        statistics.consumerCalls += 1
        guard services[service].keys[key].diedAt != nil else { return }
        statistics.refusedCalls += 1
        // Law 3 was looked at when the key died; here it is that nobody goes on using it for long.
        if let broken = files[file].brokenSince { checkBroken(file, since: broken) }
        files[file].readers[consumer] = nil
    }

    private func mayStillUse(_ file: Int, _ key: Int) -> Bool {
        let seen = files[file]
        return seen.lastKey == key || seen.replaced.contains { $0.key == key && $0.goodUntil > now }
    }

    private func read(_ file: Int, _ consumer: Int) {
        let content = disk.contents(connectionStringPath(file))
        if content != files[file].content {
            fail(0, files[file].name, "the world does not know what consumers read")
        }
        files[file].readers[consumer] = files[file].key
        if let broken = files[file].brokenSince { checkBroken(file, since: broken) }
    }
}
