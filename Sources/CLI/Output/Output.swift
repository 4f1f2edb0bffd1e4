internal import Agent
internal import CPlatform
internal import Glibc

/// Standard output for results, standard error for progress and failures; both unbuffered, so that a pipe sees lines at
/// once.
enum Output {
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// One line, with its end.
    static func json(_ value: some Encodable) -> String { String(decoding: jsonLine(value), as: UTF8.self) + "\n" }

    /// Where progress goes: as JSON it is a result as any, for people it goes to standard error.
    static func teller(json: Bool) -> @Sendable (String) -> Void {
        { text in write(text, to: json ? STDOUT_FILENO : STDERR_FILENO) }
    }

    /// How far something is: no result, so that `droneagent … > file` has results only.
    static func tell(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes a failure's sentence. The journal is told that it is an error: see sd-daemon(3).
    static func complain(_ sentence: String) {
        write((da_service_journal(STDERR_FILENO) == 1 ? "<3>" : "") + sentence + "\n", to: STDERR_FILENO)
    }

    /// How progress is written.
    static func form(json: Bool) -> ProgressDisplay.Form {
        if json { return .json }
        guard let size = Terminal.behind(STDERR_FILENO)?.size else { return .plain }
        return .terminal(width: size.width)
    }

    static func write(bytes: [UInt8]) { write(bytes[...], to: STDOUT_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8)[...], to: descriptor) }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                // The reader is gone: end as any filter does, whoever had the signal ignored.
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
            } else if errno != EINTR {
                return
            }
        }
    }
}
