import Rotation
import Systemd
import Testing

@testable import Delivery

@Suite struct ConsumerTests {
    @Test(arguments: [
        (Consumer.unit("contoso-sms.service", .tryReloadOrRestart), "reload:contoso-sms.service"),
        (.unit("contoso-sms.service", .reloadOrRestart, timeout: .seconds(5)), "reload:contoso-sms.service"),
        (.unit("contoso-sms.service", .reload), "reload:contoso-sms.service"),
        (.unit("contoso-sms.service", .restart), "restart:contoso-sms.service"),
        (.unit("contoso-sms.service", .tryRestart), "restart:contoso-sms.service"),
        (.credential("acs", key: "host", unit: "e@a.service"), "encrypt:host:acs"),
        (.run(["/usr/local/bin/warm-cache", "--acs"]), "run:/usr/local/bin/warm-cache --acs"),
        (.run(["a b", "", "c\\d", "e\nf"]), #"run:a\sb \0 c\\d e\u{a}f"#),
    ])
    func idsAreReadable(_ consumer: Consumer, _ id: String) {
        #expect(consumer.id == ConsumerID(rawValue: id))
        #expect("\(consumer.id)" == id)
    }

    @Test func differentConsumersHaveDifferentIDs() {
        let commands: [[String]] = [
            [], [""], ["", ""], ["a"], ["a", ""], ["", "a"], ["a", "b"], ["a b"], ["a\\sb"], ["a\\ b"], ["a\\", "b"],
            ["\\0"], ["a  b"], ["a", "", "b"], ["a\tb"], ["a\\u{9}b"], [" a"], ["a "],
        ]
        #expect(Set(commands.map { Consumer.run($0).id }).count == commands.count)
        #expect(Consumer.unit("a", .reload).id != Consumer.run(["a"]).id)
    }
}

@Suite struct SecretFilterTests {
    @Test(arguments: [
        ("nothing here", "nothing here"), ("", ""), ("accesskey=", "accesskey=<removed>"),
        ("AccessKey=abc;endpoint=x", "AccessKey=<removed>;endpoint=x"),
        ("a=\"accesskey=abc\" ACCESSKEY=def done", "a=\"accesskey=<removed>\" ACCESSKEY=<removed> done"),
        (String(repeating: "a", count: 79), String(repeating: "a", count: 79)),
        (String(repeating: "a", count: 80), "<removed>"),
        ("x:" + String(repeating: "+/=", count: 30) + ":y", "x:<removed>:y"),
    ])
    func removesKeysOnly(_ line: String, _ filtered: String) {
        #expect(SecretFilter.filtered(line) == filtered)
    }

    @Test func leavesLongPathsAlone() {
        let path = "/usr/share/" + String(repeating: "a-path/that.is/rather_long/", count: 10)
        #expect(SecretFilter.filtered(path) == path)
    }
}

@Suite struct OutputTailTests {
    private func tail(_ limit: Int, _ chunks: String...) -> OutputTail {
        var tail = OutputTail(limit: limit)
        for chunk in chunks { Array(chunk.utf8).withUnsafeBytes { tail.append($0) } }
        return tail
    }

    @Test func splitsIntoLinesWithoutTheEmptyOnes() {
        #expect(tail(100, "one\ntw", "o\r\n\n  \nthree").lines == ["one", "two", "three"])
        #expect(tail(100).lines.isEmpty)
    }

    @Test func whatWasCutInTheMiddleOfAKeyIsNotShown() {
        let key = String(repeating: "Qm9n", count: 20)
        let tail = tail(100, "{\"accesskey\":\"" + key, "ABCD\",\"why\":\"a reason, which is as long as reasons are\"}")
        #expect(tail.isTruncated)
        #expect(!tail.lines.joined().contains("Qm9nQm9n"))
        #expect(tail.lines.joined().contains("a reason"))
    }

    @Test func anEscapedKeyIsRemoved() {
        let key = String(repeating: "AbCdEfGhIj1\\/", count: 7) + "QRST"
        #expect(!SecretFilter.filtered("{\"key\":\"\(key)\"}").contains("AbCdEfGhIj1"))
        let percent = String(repeating: "AbCdEfGhIj%2F", count: 7) + "QRST"
        #expect(!SecretFilter.filtered("key \(percent) refused").contains("AbCdEfGhIj"))
    }

    @Test func keepsTheEnd() {
        let tail = tail(10, "first line\n", "second\nthird\n")
        #expect(tail.isTruncated)
        #expect(tail.lines == ["third"])
        #expect(self.tail(12, "partial\nfatal: no").lines == ["fatal: no"])
        #expect(self.tail(8, "0123456 789").lines == [" 789"], "its first word lacks its beginning")
    }
}
