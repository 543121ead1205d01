import FoundationEssentials
import Rotation

/// Which proxy a connection goes through, as the environment says: `https_proxy`, `http_proxy`, `all_proxy` and
/// `no_proxy`, in lower or upper case (the lower one counts), as curl(1) and the Azure SDKs read them.
///
/// This machine and link-local addresses, such as the instance metadata service's, are always reached directly.
package struct ProxySettings: Hashable, Sendable {
    private var https: Proxy?
    private var http: Proxy?
    private var exceptions: [Exception] = []

    /// Everything is reached directly.
    package static let none = ProxySettings()

    private init() {}

    /// - Throws: `unreachable` when a variable names no proxy that can be used; it names the variable, not the content.
    package init(environment: [String: String]) throws(Failure) {
        let all = try Self.proxy("all_proxy", environment)
        https = try Self.proxy("https_proxy", environment) ?? all
        http = try Self.proxy("http_proxy", environment) ?? all
        let (_, list) = Self.variable("no_proxy", environment) ?? ("", "")
        exceptions = list.split { $0 == "," || $0 == " " }.compactMap { Exception($0) }
    }

    private static func variable(_ name: String, _ environment: [String: String]) -> (name: String, text: String)? {
        for name in [name, name.uppercased()] {
            if let text = environment[name], !text.isEmpty { return (name, text) }
        }
        return nil
    }

    private static func proxy(_ name: String, _ environment: [String: String]) throws(Failure) -> Proxy? {
        guard let (name, text) = variable(name, environment) else { return nil }
        do {
            return try Proxy(text)
        } catch {
            throw Failure(.unreachable, "the environment variable \(name) names no proxy that can be used: \(error)")
        }
    }

    /// All that may be used, each once.
    var all: Set<Proxy> { Set([https, http].compactMap { $0 }) }

    /// nil: directly.
    func proxy(for url: String) -> Proxy? {
        guard https != nil || http != nil, let end = url.firstRange(of: "://") else { return nil }
        let isTLS = url[..<end.lowerBound] == "https"
        guard let proxy = isTLS ? https : http,
            let target = HostAndPort(url[end.upperBound...].prefix { !"/?#".contains($0) })
        else { return nil }
        let address = IPAddress(target.host)
        guard target.host != "localhost", address?.isHere != true else { return nil }
        let port = target.port ?? (isTLS ? 443 : 80)
        return exceptions.contains { $0.covers(target.host, address, port: port) } ? nil : proxy
    }

    /// One entry of `no_proxy`.
    private enum Exception: Hashable, Sendable {
        case everything
        case network(IPAddress, bits: Int)
        /// The name itself and all below it.
        case domain(String, port: Int?)
        case address(IPAddress, port: Int?)

        /// nil for what names nothing.
        init?(_ text: Substring) {
            let text = text.lowercased()
            if text == "*" {
                self = .everything
                return
            }
            if let slash = text.firstIndex(of: "/") {
                guard let network = IPAddress(String(text[..<slash])),
                    let bits = Int(text[text.index(after: slash)...]),
                    (0...network.bytes.count * 8).contains(bits)
                else { return nil }
                self = .network(network, bits: bits)
                return
            }
            if let address = IPAddress(text) {
                self = .address(address, port: nil)
                return
            }
            guard let entry = HostAndPort(text[...]) else { return nil }
            if let address = IPAddress(entry.host) {
                self = .address(address, port: entry.port)
                return
            }
            let name = entry.host.drop { $0 == "*" }.drop { $0 == "." }
            guard !name.isEmpty else { return nil }
            self = .domain(String(name), port: entry.port)
        }

        func covers(_ host: String, _ address: IPAddress?, port: Int) -> Bool {
            switch self {
            case .everything: true
            case .network(let network, let bits): address?.shares(bits, with: network) == true
            case .address(let excepted, let exceptedPort): address == excepted && (exceptedPort ?? port) == port
            case .domain(let name, let exceptedPort):
                (host == name || host.hasSuffix(".\(name)")) && (exceptedPort ?? port) == port
            }
        }
    }
}
