import Rotation
import Testing

@Suite struct ReasonTests {
    @Test func codesAreStableWords() {
        for reason in Reason.allCases {
            #expect(reason.rawValue.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(reason.rawValue)")
        }
        for kind in Note.Kind.allCases {
            #expect(kind.rawValue.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil, "\(kind.rawValue)")
        }
    }
}
