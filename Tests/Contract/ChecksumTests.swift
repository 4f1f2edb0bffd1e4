import CContract
import Testing

@Suite struct ChecksumTests {
    /// The check value of CRC-32C that RFC 3720 and the CRC catalogues give for "123456789".
    @Test func checksumIsCastagnoli() {
        #expect(da_crc32c(Array("123456789".utf8), 9) == 0xE306_9283)
        #expect(da_crc32c([0], 0) == 0)
    }

    /// The CPU's own instruction, the table for what is left over, and the polynomial bit by bit say the same.
    @Test func theInstructionAgreesWithThePolynomial() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ 7) }
        func bitwise(_ part: ArraySlice<UInt8>) -> UInt32 {
            var crc: UInt32 = 0xFFFF_FFFF
            for byte in part {
                crc ^= UInt32(byte)
                for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
            }
            return ~crc
        }
        for start in 0..<9 {
            for count in [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 290] {
                let part = bytes[start..<start + count]
                let sum = part.withUnsafeBytes { raw in raw.baseAddress.map { da_crc32c($0, UInt64(count)) } ?? 0 }
                #expect(sum == bitwise(part), "\(count) bytes from \(start)")
            }
        }
    }
}
