/// Where a path leads.
struct ModelDiskPlace {
    enum Last {
        case name, dot, dotDot, top
    }

    /// In which the last name is or could be.
    var directory: Int
    /// Empty when it was not asked for.
    var name = ""
    var last = Last.name
    /// A slash follows the last name.
    var mustBeDirectory = false
    /// nil when there is nothing of that name.
    var inode: Int?
}
