import Systemd
import Testing

@testable import KeyturnCommands
@testable import KeyturnConfig

@Suite struct UnitAdviceTests {
    private static let secrets = "/var/lib/keyturn/secrets/contoso-sms"

    private func warnings(
        _ verb: Configuration.UnitToReload.Verb, _ facts: UnitFacts?
    ) -> [String] {
        let entry = Configuration.UnitToReload(
            unit: "a.service", verb: verb, timeout: nil, mark: SourceMark(file: "k.yaml", line: 3, column: 7))
        return UnitAdvice.warnings(entry, facts, Self.secrets, credential: "acs").map(\.description)
    }

    private func facts(
        id: String = "a.service", canReload: Bool = true, _ setting: String = "LoadCredential=",
        _ path: String = secrets + "/connection-string", refreshes: Bool = false
    ) -> UnitFacts {
        UnitFacts(
            id: id, canReload: canReload, sources: [.init(setting: setting, path: path)],
            refreshesCredentials: refreshes)
    }

    @Test(arguments: ["LoadCredential=", "LoadCredentialEncrypted=", "EnvironmentFile="])
    func aReloadThatDoesNotReadTheSecretIsNamed(_ setting: String) {
        let said = [
            "k.yaml:3:7: warning: a.service reads \(Self.secrets)/connection-string (\(setting)) only when it starts,"
                + " and a reload does not change that; write {unit: a.service, verb: try-restart}"
        ]
        for verb in [Configuration.UnitToReload.Verb.reload, .reloadOrRestart, .tryReloadOrRestart] {
            #expect(warnings(verb, facts(setting)) == said)
        }
        for verb in [Configuration.UnitToReload.Verb.restart, .tryRestart] {
            #expect(warnings(verb, facts(setting)).isEmpty)
        }
    }

    @Test func aReloadThatFetchesCredentialsIsGood() {
        #expect(warnings(.reload, facts("LoadCredential=", refreshes: true)).isEmpty)
        #expect(warnings(.reload, facts("EnvironmentFile=", refreshes: true)).count == 1, "which it does not fetch")
    }

    @Test(arguments: ["/etc/contoso/key", secrets + "-other/connection-string", "/var/lib/keyturn/secrets", "acs"])
    func otherFilesDoNotMatter(_ path: String) {
        #expect(warnings(.reload, facts("LoadCredential=", path)).isEmpty)
    }

    @Test(arguments: [
        ("LoadCredentialEncrypted=", "acs", true), ("LoadCredentialEncrypted=", "/etc/credstore.encrypted/acs", true),
        ("ImportCredential=", "acs", true), ("ImportCredential=", "ac*", true), ("ImportCredential=", "b*", false),
        ("LoadCredentialEncrypted=", "acs2", false), ("LoadCredential=", "acs", false),
    ])
    func theEncryptedCredentialMatters(_ setting: String, _ path: String, _ isMeant: Bool) {
        #expect(warnings(.tryReloadOrRestart, facts(setting, path)).isEmpty != isMeant)
    }

    @Test func theDirectoryAsAWholeMatters() {
        #expect(warnings(.reload, facts("LoadCredential=", Self.secrets)).count == 1)
    }

    @Test func whatCannotReloadIsRestarted() {
        #expect(warnings(.tryReloadOrRestart, facts(canReload: false)).isEmpty)
        #expect(
            warnings(.reload, facts(canReload: false)) == [
                "k.yaml:3:7: warning: a.service has no ExecReload=, so that a reload fails; write {unit: a.service,"
                    + " verb: try-restart}"
            ])
    }

    @Test func aUnitThatIsNotThereAndAnAlias() {
        #expect(
            warnings(.reload, nil) == [
                "k.yaml:3:7: warning: there is no unit 'a.service' on this machine; is it installed?"
            ])
        #expect(
            warnings(.restart, facts(id: "b.service")) == [
                "k.yaml:3:7: warning: 'a.service' is another name for 'b.service'; write that, for polkit goes by it"
            ])
    }
}
