/// Whether processes can be frozen to disk and restored on this machine.
enum CheckpointSupport {
    /// Why not, in a sentence; nil: `criu check` finds nothing missing.
    static func refusal(log: String, wait: (Child) throws(BenchFault) -> Void) throws(BenchFault) -> String? {
        guard let child = try? Child("criu", "/bin/sh", ["-c", "criu check"], log: log) else {
            return "no shell to ask criu with."
        }
        try wait(child)
        guard child.exitCode != 0 else { return nil }
        let words = child.output.split(separator: "\n").first.map(String.init) ?? "it said nothing"
        return "not on this machine: 'criu check' ends with code \(child.exitCode): \(words)"
    }
}
