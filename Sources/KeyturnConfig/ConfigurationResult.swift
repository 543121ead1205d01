/// What came of reading configuration files.
package struct ConfigurationResult: Sendable {
    /// nil exactly when there is an error among the diagnostics.
    package let configuration: Configuration?
    /// Errors and warnings, in the order of the files and from top to bottom in each.
    package let diagnostics: [Diagnostic]
}
