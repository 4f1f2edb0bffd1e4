internal import CPlatform
internal import Glibc

/// Standard output for results, standard error for failures; both unbuffered, so that a pipe sees lines at once.
enum Output {
    /// Columns of a terminal that does not say: the width of old.
    static let widthDefault = 80

    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a failure's sentence.
    static func complain(_ sentence: String) { write(sentence + "\n", to: STDERR_FILENO) }

    static func form(json: Bool) -> ProgressDisplay.Form {
        if json { return .json }
        guard isatty(STDOUT_FILENO) == 1 else { return .plain }
        let width = da_terminal_width(STDOUT_FILENO)
        return .terminal(width: width > 0 ? Int(width) : widthDefault)
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
