import SecretsDirectory
import Simulation
import Testing

/// The publication of one version over others.
struct DiskPublication: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Versions that are published before, with `oldLayout`.
    var before: ClosedRange<Int>?
    var oldLayout = ResourceLayout()
    var layout = ResourceLayout()
    var number: Int
    var hasPrevious = true

    static let all: [DiskPublication] = [
        DiskPublication(testDescription: "the first", number: 1),
        DiskPublication(testDescription: "the second", before: 1...1, number: 2),
        DiskPublication(testDescription: "a later one", before: 1...3, number: 4),
        DiskPublication(testDescription: "without a previous key", before: 1...2, number: 3, hasPrevious: false),
        DiskPublication(testDescription: "the same again", before: 1...2, number: 2),
        DiskPublication(
            testDescription: "other files, modes and owners", before: 1...2,
            oldLayout: ResourceLayout(files: extraFiles(["old.ini", "both.ini"])),
            layout: ResourceLayout(mode: 0o440, owner: 7, group: 8, files: extraFiles(["both.ini", "new.ini"])),
            number: 3),
    ]

    private static func extraFiles(_ names: [String]) -> [ResourceLayout.ExtraFile] {
        names.compactMap { name in
            (try? MustacheTemplate("{{version}}={{connectionString}}")).map { .init(name: name, template: $0) }
        }
    }

    /// A disk with what was published before.
    func prepared() throws -> ModelDisk {
        let disk = try DiskSecrets.emptyDisk()
        guard let before else { return disk }
        for number in before {
            _ = try DiskSecrets.on(disk).publish(DiskSecrets.version(number), layout: oldLayout)
        }
        return disk
    }
}
