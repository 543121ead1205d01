import Glibc
import SecretsDirectory

extension ModelDiskState {
    /// Carries out a call that may have been told to fail.
    mutating func faultyCall<Result>(
        _ operation: ModelDiskOperation, _ body: (inout ModelDiskState) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        switch faults.fate(of: operation) {
        case .goesWell:
            return try body(&self)
        case .crash(let isDone):
            if isDone { _ = try? body(&self) }
            throw SystemError(EIO)
        case .fault(.isDoneButFails(let code)):
            let result = try body(&self)
            if operation == .open || operation == .create, let descriptor = result as? Int32 { close(descriptor) }
            throw SystemError(code)
        case .fault(.fails(let code)):
            guard operation == .fsync else { throw SystemError(code) }
            faults.syncFailure = SystemError(code)
            defer { faults.syncFailure = nil }
            return try body(&self)
        case .fault(.writesOnly(let count)):
            faults.writeLimit = max(1, count)
            defer { faults.writeLimit = nil }
            return try body(&self)
        }
    }
}
