import Glibc
import Rotation

extension ResourceDirectory {
    /// nil when it cannot be read because of what somebody did to it, or is longer than `limit`. An error of the
    /// machine is an error: not to know what is there is another thing than nothing being there.
    func content(
        of name: String, in directory: Int32, _ directoryPath: @autoclosure () -> String, limit: Int
    ) throws(Failure) -> [UInt8]? {
        do {
            return try fileSystem.readAll(directory, name, limit: limit)
        } catch {
            let tampering = [ENOENT, ENOTDIR, ELOOP, EISDIR, EACCES, EPERM, ENXIO, ENODEV, EAGAIN, EINVAL]
            guard tampering.contains(error.code) else {
                throw Failure.system(error, "\(directoryPath())/\(name)", "could not be read")
            }
            return nil
        }
    }
}
