package import CContract
import FoundationEssentials

/// Reads a container's own commands.log.
package enum CommandLogFile {
    /// Whole records; a torn last one is dropped.
    ///
    /// - Throws: `BenchFault` when the file cannot be read.
    package static func read(_ path: String) throws(BenchFault) -> [da_command_record] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BenchFault("The command log \(path) is not there; a container that writes none cannot be judged.")
        }
        let size = MemoryLayout<da_command_record>.size
        var records = [da_command_record](repeating: da_command_record(), count: data.count / size)
        records.withUnsafeMutableBytes { _ = data.copyBytes(to: $0, count: $0.count) }
        return records
    }
}
