import Bench
import Foundation
import Testing

/// The generator, its replay, and a small part of what `flightbench fuzz` does in full.
@Suite struct FuzzTests {
    /// Says that an input is wrong when it contains a byte that the valid one has not.
    private final class Picky: FuzzTarget {
        func valid(_ mutation: inout Mutation) -> [UInt8] { [1, 2, 3, 4, 5, 6, 7, 8] }
        func repaired(_ bytes: [UInt8]) -> [UInt8] { bytes }
        func feed(_ bytes: [UInt8]) -> String? { bytes.contains(0xFF) ? "It has 0xff." : nil }
    }

    @Test func whatIsWrongIsFoundAndComesAgain() throws {
        let fault = try #require(FuzzRun.feed(Picky(), inputs: 10_000, seed: 3))
        #expect(fault.sentence == "It has 0xff." && fault.input.contains(0xFF))
        #expect(FuzzRun.feed(Picky(), inputs: fault.number + 1, seed: 3) == fault)
        #expect(FuzzRun.feed(Picky(), inputs: fault.number, seed: 3) == nil)
        #expect(FuzzRun.feed(Picky(), inputs: 10_000, seed: 4) != fault)
    }

    @Test func changesStayBounded() {
        var mutation = Mutation(seed: 5)
        let valid = [UInt8](repeating: 9, count: 100)
        var unequal = 0
        for _ in 0..<5000 {
            let changed = mutation.change(valid, with: valid)
            #expect(changed.count <= 100 * 16 + 4 * 64)
            if changed != valid { unequal += 1 }
        }
        #expect(unequal > 4500)
    }

    @Test(arguments: FuzzKind.allCases) func aFewOfEach(kind: FuzzKind) {
        let inputs = min(20_000, kind.share(of: 50_000))
        let fault = FuzzRun.feed(kind.makeTarget(), inputs: inputs, seed: 11)
        #expect(fault == nil, "\(kind) input \(fault?.number ?? 0): \(fault?.sentence ?? "")")
    }

    @Test func requestsMeetAFlyingCore() {
        let target = ControlTarget()
        #expect(FuzzRun.feed(target, inputs: 20_000, seed: 7) == nil)
        #expect(target.flown > 2000 && target.switched > 20, "\(target.flown) \(target.switched)")
    }

    /// Inputs that were not taken as they should be, once; a line each, in hexadecimal.
    @Test(arguments: FuzzKind.allCases) func whatWasFoundOnceIsTakenRight(kind: FuzzKind) throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Found/\(kind.rawValue).hex")
        guard let text = try? String(contentsOf: path, encoding: .utf8) else { return }
        let target = kind.makeTarget()
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let digits = Array(line.utf8)
            let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
            #expect(bytes.count == digits.count / 2, "\(path.lastPathComponent) has a line that is no hexadecimal")
            #expect(target.feed(bytes) == nil)
        }
    }
}
