import ArgumentParser
import Bench

/// Computes the limits of the envelope.
struct EnvelopeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "envelope",
        abstract: "Computes from which states way back and failsafe recover, and holds the limits in use against them.",
        discussion: """
            An owner drives the vehicle out of its envelope with every push that four motors can give; the standby or the \
            failsafe takes over. Virtual time, five vehicles off by 30 %. Exits 0 if all limits in use lie inside, 1 if \
            not.
            """)

    @Option(help: "Threads that fly.")
    var cores = 2

    func validate() throws {
        guard cores > 0, cores <= 256 else { throw ValidationError("--cores takes 1 to 256.") }
    }

    func run() async throws {
        let envelope = await Envelope(cores: cores)
        print(envelope.text)
        if !envelope.holds { throw ExitCode(1) }
    }
}
