import Logging

/// What every line that is logged within a task is about, also by those who do not know it.
package enum LogContext {
    /// The name of the resource that is being worked for.
    @TaskLocal package static var resource: String?

    /// For the log handlers: adds `resource` where a line does not name one.
    package static let provider = Logger.MetadataProvider {
        resource.map { ["resource": "\($0)"] } ?? [:]
    }
}
