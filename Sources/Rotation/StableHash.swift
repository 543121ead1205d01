/// FNV-1a, 64 bits: the same for a text in every process, unlike `Hasher`. Not for secrets.
package enum StableHash {
    package static func value(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
    }

    /// `value` in hex.
    package static func hex(_ text: String) -> String {
        String(value(text), radix: 16)
    }
}
