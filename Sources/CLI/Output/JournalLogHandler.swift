internal import CPlatform
internal import Contract
internal import Glibc
package import Logging

/// Where log lines go: to standard error, in the form that shows best there.
///
/// - Returns: for the journal, which has time and program itself, the line with its priority; else as swift-log writes it.
func standardErrorLog(label: String) -> any LogHandler {
    guard da_service_journal(STDERR_FILENO) == 1 else { return StreamLogHandler.standardError(label: label) }
    return JournalLogHandler { Output.tell($0) }
}

/// Writes each event as one line of the journal: priority (sd-daemon(3)), message, then `key=value` by key, so that
/// `journalctl -p warning` finds it and `grep` reads it.
package struct JournalLogHandler: LogHandler {
    package var logLevel = Logger.Level.info
    package var metadata = Logger.Metadata()
    package var metadataProvider: Logger.MetadataProvider?
    private let write: @Sendable (String) -> Void

    /// `write`: takes a whole line with its end.
    package init(write: @escaping @Sendable (String) -> Void) { self.write = write }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        all.merge(metadataProvider?.get() ?? [:]) { _, new in new }
        all.merge(event.metadata ?? [:]) { _, new in new }
        if let error = event.error { all["error"] = "\(error)" }
        let pairs = all.sorted { $0.key < $1.key }.map { " \(printable($0.key))=\(Self.quoted("\($0.value)"))" }
        write("<\(Self.priority(event.level))>\(printable("\(event.message)"))\(pairs.joined())\n")
    }

    /// Of syslog(3).
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// A value of one word as it is, any other in quotes. One line in any case: the journal would take the next for
    /// another event.
    private static func quoted(_ value: String) -> String {
        let text = printable(value)
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" || $0 == "\\" }) else {
            return text
        }
        return "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
