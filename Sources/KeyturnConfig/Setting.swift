/// What a file says about one setting.
enum Setting<Value> {
    case absent
    /// What was written is wrong and was reported: whatever depends on it is not checked.
    case refused
    case given(Value, SourceMark)

    var value: Value? {
        if case .given(let value, _) = self { value } else { nil }
    }

    var mark: SourceMark? {
        if case .given(_, let mark) = self { mark } else { nil }
    }

    var isAbsent: Bool {
        if case .absent = self { true } else { false }
    }
}
