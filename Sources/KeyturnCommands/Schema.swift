import ArgumentParser
import KeyturnConfig

struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of the configuration file, for editors.",
        discussion: """
            The package installs it as \(ConfigurationSchema.installedPath). An editor with the YAML language server uses it \
            when the file has the line:
            # yaml-language-server: $schema=\(ConfigurationSchema.installedPath)
            What it accepts may still be wrong: 'keyturn check' has the last word.
            """)

    func run() {
        print(ConfigurationSchema.text, terminator: "")
    }
}
