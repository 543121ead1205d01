/// What a call does with a symbolic link under the last name of a path, and with a slash behind that.
struct ModelDiskFollowing {
    var follows: Bool
    /// A slash makes it follow after all, and the links that this leads to.
    var followsBeforeSlash = false
    /// A slash is refused with `EISDIR`.
    var refusesSlash = false

    static let nothing = ModelDiskFollowing(follows: false)
    static let links = ModelDiskFollowing(follows: true)
    static let beforeSlash = ModelDiskFollowing(follows: false, followsBeforeSlash: true)
}
