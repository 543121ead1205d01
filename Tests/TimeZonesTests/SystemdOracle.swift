import Foundation

/// What `systemd-analyze calendar` says of expressions.
enum SystemdOracle {
    static let path = "/usr/bin/systemd-analyze"

    static var isPresent: Bool { FileManager.default.isExecutableFile(atPath: path) }

    struct Answer: Equatable {
        var normalized: String
        /// In UTC, as it prints them; `never` last when it ends.
        var elapses: [String]
    }

    /// By the expression as given; without those that it refuses.
    static func ask(_ expressions: [String], after base: String, count: Int) throws -> [String: Answer] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["calendar", "--iterations=\(count)", "--base-time=\(base)", "--"] + expressions
        process.environment = ["TZ": "UTC", "LC_ALL": "C", "SYSTEMD_COLORS": "0"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return read(output)
    }

    private static func read(_ output: String) -> [String: Answer] {
        var answers: [String: Answer] = [:]
        var original = ""
        for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
            // It prints the original form only where the normalized one differs.
            if line.isEmpty { original = "" }
            guard let colon = line.firstRange(of: ": ") else { continue }
            let label = line[..<colon.lowerBound].trimmingPrefix { $0 == " " }
            let value = String(line[colon.upperBound...])
            switch label {
            case "Original form": original = value
            case "Normalized form":
                if original.isEmpty { original = value }
                answers[original] = Answer(normalized: value, elapses: [])
            case "Next elapse": answers[original]?.elapses.append(value)
            case _ where label.hasPrefix("Iter. #"): answers[original]?.elapses.append(value)
            default: break
            }
        }
        return answers
    }
}
