import Rotation

extension Configuration {
    /// One CommunicationService resource, how its keys turn, and who is told.
    package struct Resource: Hashable, Sendable {
        /// Unique in the configuration; names the directory below the secrets directory.
        package let name: String
        package let id: ResourceID
        package let policyName: String
        package let policy: Policy
        /// The name of its credential, its own or its subscription's; nil: the general one.
        package let credential: String?
        /// systemd units to reload; none is named twice.
        package let reload: [UnitToReload]
        /// Commands to run, at the same time; none is there twice.
        package let run: [CommandToRun]
        /// The credential that is made of each new connection string before anybody is told; nil: none.
        package let encrypt: EncryptedCredential?
        /// Files of the user's own beside the default ones.
        package let files: [TemplateFile]
    }
}
