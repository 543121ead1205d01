import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import AzureKeys

@Suite struct WireTraceTests {
    private func shown(_ body: (WireTrace) -> Void) -> String {
        let lines = Mutex<[String]>([])
        body(WireTrace { line in lines.withLock { $0.append(line) } })
        return lines.withLock { $0 }.joined(separator: "\n")
    }

    private let key = TestKeys.key(7)

    @Test func `headers that carry secrets are masked`() {
        let text = shown { trace in
            trace.sending(
                HTTPCall(
                    method: .POST, url: "https://management.azure.com/x?api-version=1",
                    headers: [
                        "Authorization": "Bearer \(key)", "X-IDENTITY-HEADER": "short", "Cookie": "a=b",
                        "Proxy-Authorization": "Basic dTpw", "Accept": "application/json", "Odd": key,
                    ], timeout: .seconds(1)))
        }
        #expect(
            text == """
                > POST https://management.azure.com/x?api-version=1
                > Authorization: Bearer <secret>
                > X-IDENTITY-HEADER: <secret>
                > Cookie: <secret>
                > Proxy-Authorization: Basic <secret>
                > Accept: application/json
                > Odd: <redacted>
                """)
    }

    @Test func `JSON keeps its shape and loses its secrets`() {
        let body = """
            {"primaryKey":"\(key)","keys":["a",{"password":"b"}],"token_type":"Bearer","access_token":"c",\
            "expires_in":3600,"ok":true,"none":null,"odd":"\(key)","keyType":"Primary","half":0.5}
            """
        let text = shown { trace in
            trace.answered(
                HTTPAnswer(status: 200, headers: ["Date": "now"], body: ByteBuffer(string: body)), after: .seconds(2))
        }
        #expect(
            text == #"""
                < 200 after 2 s
                < Date: now
                < {"access_token":"<secret>","expires_in":3600,"half":0.5,"keyType":"Primary","keys":["<secret>",\#
                {"password":"<secret>"}],"none":null,"odd":"<redacted>","ok":true,"primaryKey":"<secret>",\#
                "token_type":"Bearer"}
                """#)
    }

    @Test func `forms keep their names`() {
        let form =
            "grant_type=client_credentials&client_id=x&client_secret=s%26t&client_assertion=u&scope=https%3A%2F%2Fy"
        let text = shown { trace in
            trace.sending(
                HTTPCall(
                    method: .POST, url: "https://login.contoso.example/token",
                    headers: ["Content-Type": "application/x-www-form-urlencoded"], body: ByteBuffer(string: form),
                    timeout: .seconds(1)))
        }
        let shown =
            "> grant_type=client_credentials&client_id=x&client_secret=<secret>&client_assertion=<secret>&scope=https://y"
        #expect(text.hasSuffix("\n" + shown))
    }

    @Test func `what is neither is only counted`() {
        let text = shown { trace in
            trace.answered(
                HTTPAnswer(status: 502, headers: [:], body: ByteBuffer(string: "<html>\(key)</html>")), after: .zero)
        }
        #expect(text.hasSuffix("\n< (\(13 + key.utf8.count) bytes)"))
    }
}
