import CSystemd
import Glibc

/// journald's native interface.
package enum Journal {
    /// Writes one entry; each field is the bytes `NAME=value`, and the value may hold anything (sd_journal_sendv(3)).
    /// Without a journald nothing happens and nothing is thrown.
    package static func send(_ fields: [[UInt8]]) throws(SystemdError) {
        var bytes = fields.flatMap { $0 }
        let result = bytes.withUnsafeMutableBytes { buffer in
            var offset = 0
            let vectors = fields.map { field in
                defer { offset += field.count }
                return iovec(iov_base: buffer.baseAddress?.advanced(by: offset), iov_len: field.count)
            }
            return sd_journal_sendv(vectors, Int32(clamping: vectors.count))
        }
        guard result >= 0 else { throw SystemdError("sd_journal_sendv", result: result) }
    }
}
