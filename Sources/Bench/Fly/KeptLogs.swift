import Agent
import CContract
import FoundationEssentials
import Glibc

/// The command logs of all instances of a flight. The agent removes the folders of those that ended long ago, and a
/// verdict needs every log: each gets a second name in a folder of the bench as soon as it is there.
struct KeptLogs {
    private let instances: String
    private let folder: String
    private let record: String?

    /// - Parameters:
    ///   - instances: the agent's folder, with a folder for each.
    ///   - folder: on the same file system.
    ///   - record: the core's flight record, for what its failsafe asked for; nil: there is none.
    /// - Throws: `BenchFault` when `folder` cannot be made.
    init(of instances: String, in folder: String, record: String? = nil) throws(BenchFault) {
        (self.instances, self.folder, self.record) = (instances, folder, record)
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw BenchFault("\(folder) cannot be made: \(fileReason(error))")
        }
    }

    /// Links what is new. Call it more often than instances come and go. A rehearsal's log is none of the flight.
    func look() {
        for name in names(in: instances) where !name.contains(Directories.rehearsalSuffix) {
            _ = link("\(instances)/\(name)/\(DA_COMMAND_LOG)", "\(folder)/\(name)")
        }
    }

    /// By instance, and the failsafe's under `TickLedger.failsafe`.
    ///
    /// - Throws: `BenchFault` when one cannot be read.
    func read() throws(BenchFault) -> [String: [da_command_record]] {
        look()
        var logs: [String: [da_command_record]] = [:]
        for name in names(in: folder) { logs[name] = try CommandLogFile.read("\(folder)/\(name)") }
        if let record { logs[TickLedger.failsafe] = try FailsafeLog.read(record) }
        return logs
    }

    private func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
}
