import Rotation

extension AzureSection {
    static let shape = MappingShape(
        settings: [
            SettingShape(
                "cloud", .any([.words(of: Configuration.KnownCloud.self), .mapping(cloudShape)]),
                "One of Azure's clouds, or the addresses of another.", standard: "AzureCloud"),
            SettingShape(
                "credential", CredentialSection.valueShape,
                "Who Keyturn is to Azure, where a resource or its subscription says nothing else."),
            SettingShape(
                "credentials", .named(CredentialSection.valueShape, pattern: Patterns.name, allowsNothing: true),
                "Other credentials, by names that resources and subscriptions refer to."),
            SettingShape(
                "subscriptions",
                .named(.mapping(NamedCredentials.subscriptionShape), pattern: Patterns.uuid, allowsNothing: true),
                "What counts for all resources of a subscription, by its UUID."),
            SettingShape(
                "subscriptionWrites", .mapping(subscriptionWritesShape),
                "How many writes (listKeys and regenerateKey) Azure takes from this identity for one subscription."),
            SettingShape("timeouts", .mapping(timeoutsShape), "How long each phase of a call may take."),
        ], allowsNothing: true)

    static let cloudShape = MappingShape(settings: [
        SettingShape(
            "resourceManager", .text(pattern: Patterns.url, examples: ["https://management.azure.com"]),
            "Where Azure Resource Manager is.", isRequired: true),
        SettingShape(
            "login", .text(pattern: Patterns.url, examples: ["https://login.microsoftonline.com"]),
            "Where tokens are had; without it the resource manager is asked."),
        SettingShape(
            "audience", .text(pattern: "^[^ ]+$"), "What tokens are for; without it the resource manager is asked."),
        SettingShape("caFile", .path, "A PEM file of certificate authorities to trust besides the system's."),
        SettingShape(
            "dataPlaneHosts", .list(.text(examples: ["acs.contoso.example", ".contoso.example"]), counts: 0...(.max)),
            "Hosts that connection strings may name besides Azure's; with a leading dot, all below a domain."),
    ])

    static let subscriptionWritesShape = MappingShape(
        settings: [
            SettingShape("bucket", .integer(buckets), "So many at once.", standard: .number(WriteLimit.azure.bucket)),
            SettingShape(
                "perHour", .integer(writesPerHour), "And so many an hour.", standard: .number(WriteLimit.azure.perHour)),
        ], allowsNothing: true)

    static let timeoutsShape = MappingShape(
        settings: [
            SettingShape(
                "connect", .timeSpan(connectTimeouts), "Until there is a connection, proxy and TLS included.",
                standard: .span(Configuration.Timeouts().connect)),
            SettingShape(
                "call", .timeSpan(callTimeouts), "From the connection to the last byte of the answer.",
                standard: .span(Configuration.Timeouts().call)),
            SettingShape(
                "regenerate", .timeSpan(regenerateTimeouts), "The same for regenerateKey.",
                standard: .span(Configuration.Timeouts().regenerate)),
        ], allowsNothing: true)
}

extension NamedCredentials {
    static let subscriptionShape = MappingShape(settings: [
        SettingShape("credential", .text(), "The name of a credential.", isRequired: true)
    ])
}

extension CredentialSection.Kind {
    /// What goes with the kind, besides `kind` itself.
    var shape: MappingShape {
        switch self {
        case .managedIdentity:
            MappingShape(
                settings: [
                    SettingShape("clientId", .uuid, "The client id of a user-assigned identity."),
                    SettingShape("objectId", .uuid, "The object id of a user-assigned identity."),
                    SettingShape("resourceId", .text(pattern: "^/"), "The resource id of a user-assigned identity."),
                ], exclusive: [["clientId", "objectId", "resourceId"]])
        case .clientSecret:
            MappingShape(
                settings: Self.application + Self.secret("clientSecret", "the client secret"),
                alternatives: [Self.either("clientSecret")])
        case .clientCertificate:
            MappingShape(
                settings: Self.application + Self.secret("certificate", "the certificate and its key, PEM or PKCS#12")
                    + Self.secret("certificatePassword", "the password of the certificate") + [
                        SettingShape(
                            "sendCertificateChain", .boolean, "Whether assertions carry the certificates (x5c).",
                            standard: false),
                        SettingShape(
                            "signatureAlgorithm", .words(of: Configuration.AssertionAlgorithm.self),
                            "How assertions are signed.", standard: "PS256"),
                    ], alternatives: [Self.either("certificate")],
                exclusive: [["certificatePasswordFile", "certificatePasswordCredential"]])
        case .workloadIdentity:
            MappingShape(settings: [
                SettingShape("tenantId", Self.tenant, "The tenant; without it AZURE_TENANT_ID."),
                SettingShape("clientId", .uuid, "The application; without it AZURE_CLIENT_ID."),
                SettingShape("tokenFile", .path, "The token's file; without it AZURE_FEDERATED_TOKEN_FILE."),
            ])
        case .azureCLI:
            MappingShape(settings: [SettingShape("tenantId", Self.tenant, "Another tenant than that of az login.")])
        case .environment, .firstAvailable: MappingShape(settings: [])
        }
    }

    private static let tenant = ValueShape.text(examples: ["contoso.onmicrosoft.com"])

    private static let application = [
        SettingShape("tenantId", tenant, "The tenant: a UUID or one of its domains.", isRequired: true),
        SettingShape("clientId", .uuid, "The application.", isRequired: true),
    ]

    private static func secret(_ name: String, _ what: String) -> [SettingShape] {
        [
            SettingShape("\(name)File", .text(pattern: "/"), "The path of a file that holds \(what)."),
            SettingShape(
                "\(name)Credential", .text(pattern: Patterns.systemdCredential),
                "The name of a systemd credential that holds \(what)."),
        ]
    }

    private static func either(_ name: String) -> [[String]] { [["\(name)File"], ["\(name)Credential"]] }
}

extension CredentialSection {
    private static let kindSummary = "How Keyturn shows Azure who it is."

    static let valueShape = ValueShape.kinds(
        key: "kind", summary: kindSummary, Kind.allCases.map { (word: $0.rawValue, shape: $0.shape) })

    /// Whatever a credential of any kind may have.
    static let wholeShape = MappingShape(
        settings: Kind.allCases.reduce(into: [SettingShape("kind", .words(of: Kind.self), kindSummary)]) { all, kind in
            all += kind.shape.settings.filter { setting in !all.contains { $0.key == setting.key } }
        })
}
