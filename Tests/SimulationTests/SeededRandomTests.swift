import Simulation
import Testing

@Suite struct SeededRandomTests {
    @Test func sameSeedSameNumbers() {
        var one = SeededRandom(seed: 7)
        var other = SeededRandom(seed: 7)
        #expect((0..<5).map { _ in one.next() } == (0..<5).map { _ in other.next() })
    }
}
