import Crypto
import FoundationEssentials
import Testing

@testable import StatusPage

@Suite struct QueryTests {
    @Test(
        arguments: [
            ("q=a+b&page=2", "a b", "2"), ("q=a%2Bb%C3%BC&page=", "a+bü", ""), ("q=x&q=y", "x", nil), ("q", "", nil),
            ("", nil, nil), ("a=b=c&q==", "=", nil),
        ] as [(String, String?, String?)])
    func `forms are read as browsers send them`(_ text: String, _ filter: String?, _ page: String?) throws {
        let query = try FormQuery(text)
        #expect(query["q"] == filter && query["page"] == page)
    }

    @Test(arguments: ["q=%", "q=%4", "q=%zz", "q=%ff", "%=1"])
    func `what is not encoded is refused`(_ text: String) {
        #expect(throws: OverviewQuery.Malformed.self) { try FormQuery(text) }
    }

    @Test(
        arguments: [
            (nil, "0", nil), (nil, "-1", nil), (nil, "x", nil), (nil, "", nil), (nil, "1e3", nil),
            (nil, "9999999", nil),
            (nil, nil, "3d"), (String(repeating: "x", count: 201), nil, nil),
        ] as [(String?, String?, String?)])
    func `what there is not is refused`(_ filter: String?, _ page: String?, _ span: String?) {
        #expect(throws: OverviewQuery.Malformed.self) { try OverviewQuery(filter: filter, page: page, span: span) }
    }

    @Test func `the policy lets exactly the page's own style and script through`() throws {
        let text = try Sample.overview([try Sample.facts()])
        func hash(_ text: String) -> String {
            "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
        }
        let style = try #require(text.between("<style>", "</style>"))
        let script = try #require(text.between("<script>", "</script>"))
        let policy = ContentSecurityPolicy.value
        #expect(policy.contains("style-src \(hash(style));") && policy.contains("script-src \(hash(script));"))
        #expect(policy.hasPrefix("default-src 'none';") && !policy.contains("unsafe"))
        #expect(!text.contains(" style=") && !text.contains(" onclick="))
        #expect(!text.contains("http://") && !text.contains("https://") && !text.contains("src="))
    }
}
