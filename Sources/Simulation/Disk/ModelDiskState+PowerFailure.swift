import SecretsDirectory

extension ModelDiskState {
    /// Which of the changes that were not synced have reached the disk.
    private enum Survivors {
        case upTo(number: Int)
        /// So many of eight, each for itself.
        case eighths(Int)

        func include(_ number: Int, _ random: inout some RandomNumberGenerator) -> Bool {
            switch self {
            case .upTo(let last): number <= last
            case .eighths(let count): Int.random(in: 0..<8, using: &random) < count
            }
        }
    }

    mutating func powerFailure(_ order: ModelDiskOrder, _ random: inout some RandomNumberGenerator) {
        closeAll()
        let survivors = survivors(order, &random)
        var changed: [Int] = []
        for inode in inodes.indices where inodes[inode].references > 0 {
            let isChanged = settleNames(inode, survivors, &random)
            if isChanged || inodes[inode].isDirty || !inodes[inode].pendingPermissions.isEmpty {
                changed.append(inode)
            }
            settlePermissions(inode, survivors, &random)
            settleContent(inode, &random)
        }
        keepWhatHasAName()
        for inode in changed where inodes[inode].references > 0 {
            touch(inode, nextChange())
        }
        closeGaps()
    }

    private func survivors(
        _ order: ModelDiskOrder, _ random: inout some RandomNumberGenerator
    ) -> Survivors {
        let style = Int.random(in: 0..<4, using: &random)
        if order == .any, style > 0 { return .eighths([1, 4, 7][style - 1]) }
        let first = order == .journal ? changesAtLastSync : 0
        var numbers = [first]
        for inode in inodes.indices where inodes[inode].references > 0 {
            numbers += inodes[inode].pendingChanges.lazy.map(\.number).filter { $0 > first }
            numbers += inodes[inode].pendingPermissions.lazy.map(\.number).filter { $0 > first }
        }
        return .upTo(number: numbers[Int.random(in: numbers.indices, using: &random)])
    }

    private mutating func settleNames(
        _ directory: Int, _ survivors: Survivors, _ random: inout some RandomNumberGenerator
    ) -> Bool {
        let changes = inodes[directory].pendingChanges
        guard !changes.isEmpty else { return false }
        var entries = inodes[directory].entries
        for change in changes.reversed() { change.undo(in: &entries) }
        for change in changes where survivors.include(change.number, &random) { change.redo(in: &entries) }
        inodes[directory].entries = entries
        inodes[directory].pendingChanges = []
        inodes[directory].lostChanges = 0
        return true
    }

    /// Mode and owner are two things that are written at different times.
    private mutating func settlePermissions(
        _ inode: Int, _ survivors: Survivors, _ random: inout some RandomNumberGenerator
    ) {
        let pending = inodes[inode].pendingPermissions
        guard !pending.isEmpty else { return }
        var permissions = inodes[inode].durablePermissions
        if case .upTo(let last) = survivors {
            permissions = pending.last { $0.number <= last }?.permissions ?? permissions
        } else {
            for (number, present) in pending {
                if survivors.include(number, &random) { permissions.mode = present.mode }
                if survivors.include(number, &random) {
                    permissions.owner = present.owner
                    permissions.group = present.group
                }
            }
        }
        inodes[inode].permissions = permissions
        inodes[inode].durablePermissions = permissions
        inodes[inode].pendingPermissions = []
    }

    private mutating func settleContent(_ file: Int, _ random: inout some RandomNumberGenerator) {
        guard inodes[file].isDirty else { return }
        let new = inodes[file].content
        let old = inodes[file].durableContent
        let count = Int.random(in: 0...new.count, using: &random)
        let settled: [UInt8] =
            switch Int.random(in: 0..<5, using: &random) {
            case 0: old
            case 1: Array(new.prefix(count))
            case 2: new
            case 3: Array(new.prefix(count)) + repeatElement(0, count: new.count - count)
            default: Array(new.prefix(count)) + old.dropFirst(count)
            }
        inodes[file].content = settled
        inodes[file].durableContent = settled
        inodes[file].isDirty = false
        inodes[file].isLost = false
    }
}
