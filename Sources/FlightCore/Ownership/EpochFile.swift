import CPlatform

/// The highest epoch that may have been granted, on disk. Written by the slow thread, before the tick may use it
/// (supports invariant 3).
package struct EpochFile: Sendable {
    /// Epochs reserved at a time: a switch, a way back and a failsafe take three.
    package static let step: UInt64 = 16
    /// The tick asks for more below this.
    package static let low: UInt64 = 8

    private let path: String

    package init(folder: String) { path = folder + "/epochs" }

    /// The highest reserved so far; 0 when there is no file.
    ///
    /// - Throws: `CoreFault` when the file is there but is not a number: guessing could repeat an epoch.
    package func read() throws(CoreFault) -> UInt64 {
        var bytes = [UInt8](repeating: 0, count: 32)
        let got = da_file_read(path, &bytes, UInt64(bytes.count))
        if got == -2 { return 0 }  // ENOENT
        guard got >= 0 else {
            throw CoreFault(
                "The epoch file \(path) cannot be read: \(reason(Int32(got))); let the core's user read it.")
        }
        let digits = String(decoding: bytes.prefix(Int(got)).prefix { $0 != 0x0A }, as: UTF8.self)
        guard let epoch = UInt64(digits) else {
            throw CoreFault(
                "The epoch file \(path) does not hold a number; write a number above every epoch that was ever used into it."
            )
        }
        return epoch
    }

    /// Durably.
    ///
    /// - Throws: `CoreFault` when the folder cannot be written.
    package func write(_ epoch: UInt64) throws(CoreFault) {
        let bytes = Array("\(epoch)\n".utf8)
        let result = da_file_replace(path, bytes, UInt64(bytes.count))
        guard result == 0 else {
            throw CoreFault(
                "The epoch file \(path) cannot be written: \(reason(result)); let the core's user write its folder, and look at the disk's room."
            )
        }
    }
}
