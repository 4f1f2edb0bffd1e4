import CContract
import Testing

@Suite struct ChecksumTests {
    /// The check value of CRC-32C that RFC 3720 and the CRC catalogues give for "123456789".
    @Test func checksumIsCastagnoli() {
        #expect(da_crc32c(Array("123456789".utf8), 9) == 0xE306_9283)
        #expect(da_crc32c([0], 0) == 0)
    }
}
