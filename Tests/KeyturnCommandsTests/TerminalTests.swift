import Testing

@testable import KeyturnCommands

@Suite struct TerminalTests {
    private func terminal(
        _ environment: [String: String] = ["TERM": "xterm", "LANG": "en_US.UTF-8"], isTerminal: Bool = true,
        window: (columns: Int, lines: Int)? = (120, 50)
    ) -> Terminal {
        Terminal(isTerminal: isTerminal, window: window, environment: environment)
    }

    @Test func `a terminal tells its size`() {
        let terminal = terminal()
        #expect(terminal.width == 120 && terminal.height == 50)
        #expect(terminal.hasColour && terminal.canMove && terminal.isUnicode)
    }

    @Test func `a terminal that does not, has eighty columns, or what COLUMNS says`() {
        #expect(terminal(window: (0, 0)).width == 80)
        #expect(terminal(["TERM": "xterm", "COLUMNS": "132"], window: nil).width == 132)
        #expect(terminal(["TERM": "xterm", "COLUMNS": "none"], window: nil).width == 80)
    }

    @Test func `a pipe has no colour and no width, unless COLUMNS is set`() {
        let pipe = terminal(isTerminal: false, window: nil)
        #expect(pipe.width == nil && pipe.height == nil && !pipe.hasColour && !pipe.canMove && pipe.isUnicode)
        #expect(terminal(["COLUMNS": "60"], isTerminal: false, window: nil).width == 60)
    }

    @Test func `NO_COLOR and dumb terminals are plain`() {
        let plain = terminal(["TERM": "xterm", "NO_COLOR": "1"])
        #expect(!plain.hasColour && plain.canMove)
        #expect(terminal(["TERM": "xterm", "NO_COLOR": ""]).hasColour, "empty counts as not set (no-color.org)")
        for dumb in [terminal(["TERM": "dumb"]), terminal([:])] { #expect(!dumb.hasColour && !dumb.canMove) }
    }

    @Test func `the locale says whether more than ASCII can be shown`() {
        #expect(!terminal(["TERM": "xterm"]).isUnicode)
        #expect(!terminal(["TERM": "xterm", "LC_ALL": "C", "LANG": "en_US.UTF-8"]).isUnicode)
        #expect(terminal(["TERM": "xterm", "LC_CTYPE": "C.utf8"]).isUnicode)
    }

    @Test func `texts lose their middle`() {
        #expect(Lines.shortened("contoso-sms", to: 11) == "contoso-sms")
        #expect(Lines.shortened("contoso-notifications-01", to: 11) == "conto…ns-01")
        #expect(Lines.shortened("contoso", to: 3, ellipsis: "...") == "con")
        #expect(Lines.shortened("contoso", to: 0) == "")
    }

    @Test func `lines break at blanks, and words where they have to`() {
        #expect(Lines.wrapped("one two three", to: 7) == ["one two", "three"])
        #expect(Lines.wrapped("abcdefghij k", to: 4) == ["abcd", "efgh", "ij k"])
        #expect(Lines.wrapped("", to: 4) == [""])
        #expect(Lines.wrapped("as it is", to: nil) == ["as it is"])
    }

    @Test(arguments: [(0.0, "....."), (0.5, "##..."), (1.0, "#####"), (7.0, "#####"), (-1.0, ".....")])
    func `bars`(share: Double, expected: String) {
        #expect(Bar.text(share, width: 5, isUnicode: false) == expected)
    }
}
