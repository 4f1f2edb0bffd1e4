import CPlatform

/// The container engine by its own command line, as a user would call it.
struct Docker {
    /// s: longest wait for one command; a pull from this machine takes less than one.
    private static let patience = 120.0

    private let options: MeasureOptions

    init(_ options: MeasureOptions) { self.options = options }

    /// Runs `docker` and waits for it. Returns its output and how long it took, s.
    ///
    /// - Throws: `BenchFault` when it fails or does not end.
    @discardableResult
    func callAsFunction(_ arguments: String...) throws(BenchFault) -> (output: String, seconds: Double) {
        let begin = da_now()
        let child = try Child(
            "docker", "/usr/bin/env", ["docker", "--host", "unix://\(options.engine)"] + arguments,
            log: options.out + "/measure-docker.log")
        let limit = begin + UInt64(Self.patience * 1e9)
        while child.isRunning, da_now() < limit { da_sleep_until(da_now() + 1_000_000) }
        let seconds = Double(da_now() - begin) / 1e9
        guard !child.isRunning else {
            child.stop()
            throw BenchFault("'docker \(arguments.joined(separator: " "))' did not end within \(Int(Self.patience)) s.")
        }
        guard child.exitCode == 0 else {
            throw BenchFault("'docker \(arguments.joined(separator: " "))' failed: \(child.output.suffix(400))")
        }
        return (child.output, seconds)
    }

    /// Removes the flight containers that an earlier subject left; the agent leaves a flight's containers alone when it
    /// ends.
    func removeContainers() throws(BenchFault) {
        let all = try self("ps", "--all", "--quiet", "--filter", "label=org.droneagent.role").output
        for container in all.split(separator: "\n") { try self("rm", "--force", String(container)) }
    }

    /// Removes all images but those named.
    func removeImages(but kept: Set<String> = []) throws(BenchFault) {
        for image in Set(try images()).subtracting(kept) { try self("rmi", "--force", image) }
    }

    /// Identifiers of all images.
    func images() throws(BenchFault) -> [String] {
        try self("images", "--all", "--quiet", "--no-trunc").output.split(separator: "\n").map(String.init)
    }
}
