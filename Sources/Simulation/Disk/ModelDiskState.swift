import Glibc
import SecretsDirectory

/// All of a `ModelDisk`: its inodes by number, the topmost directory the first, and the descriptors of the process.
struct ModelDiskState {
    static let top = 0

    let user: UInt32
    let group: UInt32
    let umask: UInt32
    var inodes: [ModelDiskInode]
    var freeInodes: [Int] = []
    private(set) var handles: [ModelDiskHandle?] = []
    private var freeHandles: [Int32] = []
    /// Never given twice to different processes, so that one of a process that has ended is known as such.
    private var firstDescriptor: Int32 = 3
    /// How many changes there were to names, content and permissions.
    private(set) var changes = 0
    /// How many of them there were at the last fsync: what a journal has written.
    var changesAtLastSync = 0
    /// How many calls were made that could change something.
    var changingCalls = 0
    var faults = ModelDiskFaults()

    init(user: UInt32, group: UInt32, umask: UInt32) {
        self.user = user
        self.group = group
        self.umask = umask
        var top = ModelDiskInode(
            kind: .directory, permissions: Permissions(mode: 0o755, owner: 0, group: 0), parent: -1)
        top.names = 1
        top.references = 1
        inodes = [top]
    }

    /// nil when it is no file.
    func content(of inode: Int) -> [UInt8]? {
        inodes[inode].kind == .regular ? inodes[inode].content : nil
    }

    /// The number of a new change.
    mutating func nextChange() -> Int {
        changes += 1
        return changes
    }

    /// The inode and everything above it has changed.
    mutating func touch(_ inode: Int, _ number: Int) {
        var inode = inode
        while inode >= 0 {
            inodes[inode].lastChange = number
            inode = inodes[inode].parent
        }
    }
}

extension ModelDiskState {
    var openDescriptors: Int { handles.count - freeHandles.count }

    mutating func open(_ handle: ModelDiskHandle) -> Int32 {
        inodes[handle.inode].references += 1
        guard let free = freeHandles.popLast() else {
            handles.append(handle)
            return firstDescriptor + Int32(handles.count - 1)
        }
        handles[Int(free)] = handle
        return firstDescriptor + free
    }

    /// Of a descriptor, its place among the handles.
    func slot(_ descriptor: Int32) throws(SystemError) -> Int {
        let slot = Int(descriptor) - Int(firstDescriptor)
        guard slot >= 0, slot < handles.count, handles[slot] != nil else { throw SystemError(EBADF) }
        return slot
    }

    func handle(_ descriptor: Int32) throws(SystemError) -> ModelDiskHandle {
        let slot = Int(descriptor) - Int(firstDescriptor)
        guard slot >= 0, slot < handles.count, let handle = handles[slot] else { throw SystemError(EBADF) }
        return handle
    }

    mutating func advance(_ slot: Int, to offset: Int) {
        handles[slot]?.offset = offset
    }

    mutating func close(_ descriptor: Int32) {
        guard let slot = try? slot(descriptor), let handle = handles[slot] else { return }
        handles[slot] = nil
        freeHandles.append(Int32(slot))
        release(handle.inode)
    }

    /// The process has ended.
    mutating func closeAll() {
        for handle in handles {
            if let handle { release(handle.inode) }
        }
        firstDescriptor += Int32(handles.count)
        handles = []
        freeHandles = []
    }
}
