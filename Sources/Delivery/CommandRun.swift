/// One command that came to its end, or could not begin.
struct CommandRun: Sendable {
    /// What went wrong, in words that follow the command's name; nil when it exited 0.
    let failure: String?
    let output: OutputTail
}
