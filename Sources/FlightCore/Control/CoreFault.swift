import CPlatform
import Glibc

/// What keeps the core from starting or going on, in one sentence.
package struct CoreFault: Error, CustomStringConvertible, Sendable {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The text of a negative errno.
package func reason(_ error: Int32) -> String { String(cString: da_error_text(error)) }

/// How the journal marks a line: numbers of syslog(3).
package enum Severity: Int32, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
}

/// One line on standard error. Not for the tick. A line that nobody takes off a full pipe or terminal is dropped: no
/// flight, and no restart, waits for its reader.
package func say(_ line: String, as severity: Severity = .notice) {
    var output = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&output, 1, 0) == 1, output.revents & Int16(POLLOUT) != 0 else { return }
    let bytes = Array(coreLine(line, as: severity, isJournal: da_service_journal(STDERR_FILENO) == 1).utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}

/// The line as it is written. The journal has the program's name from the service manager, and the priority ahead of
/// the line (sd-daemon(3)).
package func coreLine(_ line: String, as severity: Severity, isJournal: Bool) -> String {
    isJournal ? "<\(severity.rawValue)>\(line)\n" : "flightcore: \(line)\n"
}
