import CContract
import Contract
import Testing

@Suite struct FrameTests {
    private func read(_ bytes: [UInt8]) -> Result<da_command, FrameFault> {
        bytes.withUnsafeBytes { da_command.read($0) }
    }

    @Test func aFrameBeginsAsThePageSays() {
        #expect(Array(da_command.make().bytes.prefix(8)) == [0x9E, 0xDA, 1, 2, 80, 0, 0, 0])
        #expect(da_command.make().bytes.dropFirst(8).allSatisfy { $0 == 0 })
        #expect(Array(da_sample.make().bytes.prefix(8)) == [0x9E, 0xDA, 1, 4, 136, 0, 0, 0])
    }

    @Test func whatIsWrongIsSaid() {
        let good = da_command.make().bytes
        #expect((try? read(good).get()) != nil)
        func fault(_ change: (inout [UInt8]) -> Void) -> FrameFault? {
            var bytes = good
            change(&bytes)
            guard case .failure(let fault) = read(bytes) else { return nil }
            return fault
        }
        let faults = [
            fault { $0.removeLast() }, fault { $0 = [] }, fault { $0[0] = 0 }, fault { $0[2] = 2 }, fault { $0[3] = 4 },
            fault { $0.append(0) }, fault { $0[4] = 81 },
        ]
        #expect(
            faults == [
                .short(bytes: 79, needed: 80), .short(bytes: 0, needed: 80), .magic(0xDA00), .version(2),
                .kind(4, expected: .command), .size(declared: 80, arrived: 81), .size(declared: 81, arrived: 80),
            ])
        for fault in faults { #expect(fault?.description.hasSuffix(".") == true) }
    }

    @Test func textFillsAndComesBack() {
        var hello = da_hello.make()
        for name in ["", "v1", "Drohne-Süd", String(repeating: "x", count: 31)] {
            fill(&hello.name, with: name)
            #expect(text(hello.name) == name)
        }
        // Cut at a character's border, with room for the NUL.
        fill(&hello.name, with: String(repeating: "ü", count: 40))
        #expect(text(hello.name) == String(repeating: "ü", count: 15))
        fill(&hello.name, with: String(repeating: "x", count: 300))
        #expect(text(hello.name).utf8.count == 31)
        withUnsafeMutableBytes(of: &hello.name) { for index in $0.indices { $0[index] = 0xFF } }
        #expect(text(hello.name).unicodeScalars.allSatisfy { $0 == "\u{FFFD}" }, "invalid and without an end")
    }

    @Test func motorsKnowTheirRange() {
        #expect((Motors(repeating: 0)).isCommand && (Motors(repeating: 1)).isCommand)
        for value in [Float.nan, .infinity, -.infinity, -0.01, 1.01] {
            for motor in 0..<4 {
                var motors = Motors(repeating: 0.5)
                motors[motor] = value
                #expect(!motors.isCommand && motors.isFinite == value.isFinite)
                #expect(motors.sameBits(motors) && !motors.sameBits(Motors(repeating: 0.5)))
            }
        }
        #expect(!Motors(repeating: 0).sameBits(Motors(repeating: -0.0)))
    }
}
