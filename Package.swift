// swift-tools-version: 6.2
import PackageDescription

// `make` and CI set this; a plain `swift build` with another compiler than ours only warns.
let warningsAreErrors = Context.environment["KEYTURN_WARNINGS_AS_ERRORS"] == "1"

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

func module(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "keyturn",
    products: [
        .executable(name: "keyturn", targets: ["keyturn"]),
        .executable(name: "acs-emulator", targets: ["acs-emulator"]),
        .executable(name: "simulate", targets: ["simulate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.36.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .executableTarget(name: "keyturn", dependencies: ["KeyturnCommands"], swiftSettings: settings),
        .executableTarget(name: "acs-emulator", dependencies: ["AcsEmulator"], swiftSettings: settings),
        .executableTarget(
            name: "simulate", dependencies: ["Simulation", argumentParser], swiftSettings: settings),
        module(
            "KeyturnCommands",
            [
                "Daemon", "EventCatalog", "RotationEngine", "AzureKeys", "SecretsDirectory", "Ledger", "Delivery",
                "KeyturnConfig", "KeyMaterial", "PrometheusMetrics", "Rotation", "Systemd", "TimeZones", argumentParser,
                httpClient, logging, metrics, nioCore, nioPosix, lifecycle, unixSignals,
            ]),
        module(
            "AcsEmulator",
            [
                argumentParser, crypto, cryptoExtras, hummingbird, httpClient, logging, nioCore, nioPosix, nioHTTP1,
                nioSSL, x509, asn1,
                httpTypes, unixSignals, .product(name: "HummingbirdCore", package: "hummingbird"),
            ]),
        module(
            "Daemon",
            [
                "StatusPage", "EventCatalog", "RotationEngine", "AzureKeys", "SecretsDirectory", "Ledger", "Delivery",
                "KeyturnConfig", "KeyMaterial", "PrometheusMetrics", "Rotation", "Systemd", "TimeZones", hummingbird,
                httpClient, logging, lifecycle, metrics, nioCore, nioHTTP1, nioPosix,
                httpTypes, unixSignals, .product(name: "HummingbirdCore", package: "hummingbird"),
            ]),
        module("StatusPage", ["HTML", "EventCatalog", "RotationEngine", "Rotation", crypto, logging]),
        module("HTML"),
        module("RotationEngine", ["EventCatalog", "KeyMaterial", "Rotation", logging, lifecycle]),
        module(
            "AzureKeys",
            [
                "EventCatalog", "KeyMaterial", "Rotation", crypto, cryptoExtras, httpClient, logging, metrics, nioCore,
                nioPosix, nioHTTP1, nioSSL, subprocess, asn1,
            ]),
        module("SecretsDirectory", ["KeyMaterial", "Rotation"]),
        module("Ledger", ["Rotation", "CSQLite"]),
        module("Delivery", ["EventCatalog", "KeyMaterial", "Rotation", "Systemd", logging, subprocess]),
        // A link to the file that is shipped, which `keyturn init` writes as well.
        module("KeyturnConfig", ["Rotation", "CYAML"], resources: [.embedInCode("Resources/keyturn.yaml")]),
        module("KeyMaterial", ["Rotation", crypto]),
        module("TimeZones", ["Rotation"]),
        module("EventCatalog", ["Rotation", logging]),
        module("PrometheusMetrics", [metrics]),
        module("Rotation"),
        module("Systemd", ["CSystemd", logging]),
        // Found where the compiler looks anyway. With `pkgConfig:` that directory would come first on the link line, ahead
        // of the one from which `make release` takes static libraries.
        .systemLibrary(name: "CSystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        module("RotationTestKit", ["RotationEngine", "KeyMaterial", "Rotation", logging]),
        module("Simulation", ["RotationEngine", "SecretsDirectory", "Ledger", "KeyMaterial", "Rotation"]),

        tests("RotationTests", ["Rotation"]),
        tests("EventCatalogTests", ["EventCatalog", "Rotation", logging]),
        tests("HTMLTests", ["HTML"]),
        tests("StatusPageTests", ["StatusPage", "EventCatalog", "RotationEngine", "Rotation", crypto]),
        tests("TimeZonesTests", ["TimeZones", "Rotation"]),
        tests("PrometheusMetricsTests", ["PrometheusMetrics", metrics]),
        tests("KeyMaterialTests", ["KeyMaterial", "Rotation", crypto]),
        tests(
            "RotationEngineTests",
            [
                "EventCatalog", "RotationEngine", "RotationTestKit", "KeyMaterial", "Rotation", logging, lifecycle,
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ]),
        tests(
            "AzureKeysTests",
            [
                "AzureKeys", "AcsEmulator", "KeyMaterial", "PrometheusMetrics", "Rotation", crypto, cryptoExtras,
                httpClient, logging, metrics, nioCore, nioPosix, nioHTTP1, nioHTTP2, nioSSL, x509, asn1, subprocess,
            ]),
        tests(
            "SecretsDirectoryTests",
            [
                "SecretsDirectory", "KeyMaterial", "Rotation", .product(name: "Mustache", package: "swift-mustache"),
            ]),
        tests("LedgerTests", ["Ledger", "Rotation", "CSQLite"]),
        tests("DeliveryTests", ["Delivery", "KeyMaterial", "Rotation", "Systemd", "CSystemd", logging]),
        tests("KeyturnConfigTests", ["KeyturnConfig", "Rotation"], exclude: ["Corpus"]),
        tests("SimulationTests", ["Simulation", "SecretsDirectory", "RotationEngine", "KeyMaterial", "Rotation"]),
        tests(
            "KeyturnCommandsTests",
            ["KeyturnCommands", "Daemon", "KeyturnConfig", "Rotation", "RotationEngine", "Systemd"]),
        tests("SystemdTests", ["Systemd", "CSystemd", logging]),
        tests(
            "AcsEmulatorTests",
            [
                "AcsEmulator", argumentParser, httpClient, crypto, logging, nioCore, nioPosix, nioHTTP1, nioSSL,
                httpTypes,
            ]),
        tests(
            "DaemonTests",
            [
                "keyturn", "Daemon", "AzureKeys", "KeyturnConfig", "KeyMaterial", "RotationEngine", "SecretsDirectory",
                "Rotation", "AcsEmulator", logging, httpClient, nioCore, nioHTTP1,
                nioPosix,
            ]),
    ],
    swiftLanguageModes: [.v6]
)
