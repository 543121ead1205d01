import SecretsDirectory

extension ModelDiskState {
    func status(of inode: Int) -> FileStatus {
        let kind = inodes[inode].kind
        let names = inodes[inode].names
        let (size, links): (Int, Int) =
            switch kind {
            case .directory: (4096, names > 0 ? 2 + inodes[inode].subdirectories : 0)
            case .symbolicLink: (inodes[inode].target.utf8.count, names)
            case .regular, .other: (inodes[inode].content.count, names)
            }
        return FileStatus(
            kind: kind, permissions: inodes[inode].permissions, size: Int64(size), links: UInt64(links))
    }

    mutating func insert(_ inode: ModelDiskInode) -> Int {
        guard let free = freeInodes.popLast() else {
            inodes.append(inode)
            return inodes.count - 1
        }
        inodes[free] = inode
        return free
    }

    mutating func release(_ inode: Int) {
        inodes[inode].references -= 1
        if inodes[inode].references == 0 { free(inode) }
    }

    mutating func free(_ inode: Int) {
        let changes = inodes[inode].pendingChanges
        inodes[inode] = ModelDiskInode(
            kind: .other, permissions: Permissions(mode: 0, owner: 0, group: 0), parent: -1)
        freeInodes.append(inode)
        release(changes)
    }

    mutating func release(_ changes: [ModelDiskChange]) {
        for change in changes {
            release(change.inode)
            if let replaced = change.replaced { release(replaced) }
        }
    }
}

/// After a power failure, when only names lead to inodes.
extension ModelDiskState {
    /// Counts anew what leads to each inode; what nothing leads to is gone.
    mutating func keepWhatHasAName() {
        for inode in inodes.indices where inodes[inode].references > 0 {
            inodes[inode].names = 0
            inodes[inode].subdirectories = 0
            inodes[inode].parent = -1
        }
        inodes[Self.top].names = 1
        var unseen = [Self.top]
        while let directory = unseen.popLast() {
            for place in inodes[directory].entries.sorted.indices {
                let inode = inodes[directory].entries.sorted[place].inode
                inodes[inode].names += 1
                inodes[inode].parent = directory
                guard inodes[inode].kind == .directory else { continue }
                inodes[directory].subdirectories += 1
                unseen.append(inode)
            }
        }
        for inode in inodes.indices where inodes[inode].references > 0 {
            inodes[inode].references = inodes[inode].names
            if inodes[inode].names == 0 { free(inode) }
        }
    }

    /// Numbers the inodes anew when most of the numbers are free, or who goes through all of them would go on paying
    /// for the most there ever were.
    mutating func closeGaps() {
        guard freeInodes.count > 100 + inodes.count / 2 else { return }
        var numbers = [Int](repeating: -1, count: inodes.count)
        var kept: [ModelDiskInode] = []
        for inode in inodes.indices where inodes[inode].references > 0 {
            numbers[inode] = kept.count
            kept.append(inodes[inode])
        }
        for inode in kept.indices {
            if kept[inode].parent >= 0 { kept[inode].parent = numbers[kept[inode].parent] }
            kept[inode].entries.renumber { numbers[$0] }
        }
        inodes = kept
        freeInodes = []
    }
}
