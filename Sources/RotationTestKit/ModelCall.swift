/// The kinds of calls that a model answers.
package enum ModelCall: Hashable, Sendable, CaseIterable {
    case list, regenerate, probe
}
