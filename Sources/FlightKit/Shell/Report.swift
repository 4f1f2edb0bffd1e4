internal import Glibc

/// Tells a person, on the standard error, one sentence a line.
struct Report: Sendable {
    let name: String

    func say(_ sentence: String) {
        let line = Array("\(name): \(sentence)\n".utf8)
        // A person who does not listen is no reason to stop flying.
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
