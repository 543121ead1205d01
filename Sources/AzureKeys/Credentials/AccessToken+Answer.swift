import KeyMaterial
import NIOHTTP1
import Rotation

extension AccessToken {
    /// Reads the answer of a token service. Numbers may be strings; `expires_in` counts, and only when it is missing
    /// `expires_on`, compared with the `Date` of the answer, so that no clock of this machine matters when there is one.
    ///
    /// - Parameters:
    ///   - service: what to call the token service in the message of the failure.
    ///   - now: by this machine's clock.
    init(_ answer: HTTPAnswer, from service: String, now: Instant) throws(Failure) {
        let requestID = answer.requestID
        guard let json = JSONValue(answer.body), let token = json["access_token"]?.string, !token.isEmpty,
            token.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw Failure(.badResponse, "\(service) answered 200 without an access token", requestID: requestID)
        }
        var seconds = json["expires_in"]?.number
        if seconds == nil, let expiresOn = json["expires_on"]?.number {
            let date = answer.headers.first(name: "date").flatMap(HTTPDate.parse) ?? now
            seconds = expiresOn - Double(date.unixSeconds)
        }
        guard let seconds, (1...31_536_000).contains(seconds) else {
            throw Failure(
                .badResponse, "\(service) answered 200 without saying how long its token is good", requestID: requestID)
        }
        let refresh = json["refresh_in"]?.number
        self.init(
            secret: Secret(token), expiresIn: .seconds(Int64(seconds)),
            refreshIn: refresh.flatMap { (0...seconds).contains($0) ? .seconds(Int64($0)) : nil })
    }
}
