import ArgumentParser
import EventCatalog

/// For whoever builds Keyturn: what is installed is made of the tables in the binary.
struct Catalog: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the message catalog, or the list of reason codes of the manual page.", shouldDisplay: false)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case journal, man
    }

    @Option(help: "journal: for journalctl --update-catalog; man: the reason codes.")
    var format = Format.journal

    func run() {
        switch format {
        case .journal: print(MessageCatalog.text, terminator: "")
        case .man: print(MessageCatalog.manual, terminator: "")
        }
    }
}
