/// The version of this build.
package enum KeyturnVersion {
    package static let current = "0.1.0"
}
