import CContract
import FlightCore
import Testing

@Suite("The core's words")
struct RefusalTests {
    @Test("Each refusal says what is wrong and what to do, in one sentence that fits its field")
    func refusals() {
        let name = String(repeating: "n", count: Int(DA_NAME_BYTES) - 1)
        for refusal in Refusal.allCases where refusal != .none {
            let sentence = refusal.sentence(name: name)
            #expect(sentence.hasSuffix(".") && sentence.contains("; "), "\(refusal): \(sentence)")
            #expect(sentence.utf8.count < Int(DA_TEXT_BYTES), "\(refusal)")
        }
    }

    @Test("A line has its priority for the journal, and the program's name elsewhere")
    func lines() {
        #expect(coreLine("ready.", as: .notice, isJournal: true) == "<5>ready.\n")
        #expect(coreLine("no.", as: .error, isJournal: true) == "<3>no.\n")
        #expect(coreLine("no.", as: .warning, isJournal: false) == "flightcore: no.\n")
    }
}
