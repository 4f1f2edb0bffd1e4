import ArgumentParser
import FoundationEssentials
import Glibc

extension ParsableCommand {
    /// Folder of the built programs: this one's, also where a link led to it.
    static var programs: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    }

    /// Runs `body`; its fault is one line on standard error, and exit code 64: it could not be brought to an end.
    static func orExit<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch {
            tell("flightbench: \(error)")
            throw ExitCode(64)
        }
    }

    /// A line beside what is printed.
    static func tell(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
