import Testing

@testable import KeyturnCommands

@Suite struct ConfirmationPromptTests {
    /// The answers to as many questions, and how many were really put.
    private func ask(
        _ questions: Int, asks: Bool = true, _ typed: [String]?
    ) -> (answers: [ConfirmationPrompt.Answer], asked: Int) {
        var left = typed ?? []
        var asked = 0
        let read = { () -> String? in left.isEmpty ? nil : left.removeFirst() }
        var confirmation = ConfirmationPrompt(asks: asks, count: questions, read: typed == nil ? nil : read) { _ in
            asked += 1
        }
        let answers = (0..<questions).map { _ in confirmation.ask("Do it?") }
        return (answers, asked)
    }

    @Test(arguments: [
        ("y", ConfirmationPrompt.Answer.yes), ("YES", .yes), (" yes\r", .yes), ("", .no), ("n", .no),
        ("yesterday", .no),
        ("a", .no), ("q", .no),
    ])
    func `one thing is done only after a yes`(_ typed: String, _ answer: ConfirmationPrompt.Answer) {
        #expect(ask(1, [typed]).answers == [answer])
    }

    @Test func `several things are asked for one by one`() {
        let (answers, asked) = ask(3, ["y", "", "yes"])
        #expect(answers == [.yes, .no, .yes])
        #expect(asked == 3)
    }

    @Test func `all and quit end the questions`() {
        let (all, askedForAll) = ask(3, ["n", "a"])
        #expect(all == [.no, .yes, .yes])
        #expect(askedForAll == 2)
        let (none, askedForNone) = ask(3, ["y", "q", "y"])
        #expect(none == [.yes, .quit, .quit])
        #expect(askedForNone == 2)
    }

    @Test func `the end of input is no for all`() {
        #expect(ask(2, []).answers == [.quit, .quit])
        #expect(ask(1, []).answers == [.quit])
    }

    @Test func `nobody to ask is no consent`() {
        #expect(ask(2, nil).answers == [.noTerminal, .noTerminal])
        #expect(ask(2, asks: false, nil).answers == [.yes, .yes])
    }
}
