import CContract
import Testing

@Suite struct ChecksumTests {
    /// The check value of CRC-32C that RFC 3720 and the CRC catalogues give for "123456789".
    @Test func checksumIsCastagnoli() {
        #expect(da_crc32c(Array("123456789".utf8), 9) == 0xE306_9283)
        #expect(da_crc32c([0], 0) == 0)
    }

    /// With the machine's instruction and without: whatever the length and where the bytes lie.
    @Test func everyLengthIsTheSame() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
        bytes.withUnsafeBytes { all in
            for start in 0..<9 {
                for count in 0...(all.count - start) {
                    let part = UnsafeRawBufferPointer(rebasing: all[start..<start + count])
                    #expect(part.baseAddress.map { da_crc32c($0, UInt64(count)) } == Self.bitByBit(part))
                }
            }
        }
    }

    /// From the definition: reflected polynomial 0x82F63B78.
    private static func bitByBit(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        return ~crc
    }
}
