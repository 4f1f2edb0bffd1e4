/// A program that runs and does nothing, without libraries: a flight container that never says a word.
enum SilentProgram {
    /// An ELF file (System V ABI, chapter 4 and 5) of one segment; nil on other processors than amd64.
    static let bytes: [UInt8]? = {
        #if arch(x86_64)
            // pause(2), again and again: mov eax, 34; syscall; jmp back.
            let code: [UInt8] = [0xB8, 34, 0, 0, 0, 0x0F, 0x05, 0xEB, 0xF7]
            let base: UInt64 = 0x40_0000
            let entry: UInt64 = 64 + 56
            let size = entry + UInt64(code.count)
            var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
            func put<Value: FixedWidthInteger>(_ values: Value...) {
                for value in values { withUnsafeBytes(of: value.littleEndian) { file.append(contentsOf: $0) } }
            }
            put(UInt16(2), 62)  // executable, amd64
            put(UInt32(1))
            put(base + entry, 64, 0)  // entry, program headers, no section headers
            put(UInt32(0))
            put(UInt16(64), 56, 1, 0, 0, 0)
            put(UInt32(1), 5)  // loaded, read and execute
            put(UInt64(0), base, base, size, size, 4096)
            return file + code
        #else
            return nil
        #endif
    }()
}
