/// Values by the names of resources: a world has so few of them that comparing costs less than hashing.
struct NameTable<Value> {
    private(set) var entries: [(name: String, value: Value)] = []

    var isEmpty: Bool { entries.isEmpty }

    subscript(_ name: String) -> Value? {
        get {
            for place in entries.indices where entries[place].name == name { return entries[place].value }
            return nil
        }
        set {
            let place = entries.firstIndex { $0.name == name }
            if let newValue {
                if let place { entries[place].value = newValue } else { entries.append((name, newValue)) }
            } else if let place {
                entries.remove(at: place)
            }
        }
    }
}
