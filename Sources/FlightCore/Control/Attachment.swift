import CContract
import CPlatform
import Contract

/// One attached instance as the control server sees it: its name, its directory and the socket in it.
struct Attachment {
    let name: String
    let listener: Int32
    let directory: String
    let path: String
    /// A connection that has not said hello yet, and until when it may.
    var newcomer: Int32 = -1
    var newcomerUntil: UInt64 = 0
    /// Whether the tick serves a connection.
    var isServed = false

    /// Makes `directory`/tick.sock.
    ///
    /// - Throws: `CoreFault` when the name, the directory or the socket is not usable.
    init(name: String, directory: String) throws(CoreFault) {
        guard !name.isEmpty, name.utf8.count < Int(DA_NAME_BYTES) else {
            throw CoreFault("An instance's name has 1 to \(DA_NAME_BYTES - 1) bytes; '\(name)' has \(name.utf8.count).")
        }
        path = directory + "/" + DA_TICK_SOCKET
        listener = da_packet_listen(path, 2)
        guard listener >= 0 else {
            throw CoreFault(
                "The tick socket \(path) cannot be made: \(reason(listener)); the directory must exist and its path be short."
            )
        }
        self.name = name
        self.directory = directory
    }

    func close() {
        _ = da_close(listener)
        if newcomer >= 0 { _ = da_close(newcomer) }
    }
}
