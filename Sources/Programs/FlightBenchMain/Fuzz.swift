import Agent
import ArgumentParser
import Bench
import CPlatform
import FoundationEssentials
import Glibc

extension FuzzKind: ExpressibleByArgument {}

/// Nearly valid inputs into everything that reads what others write.
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Feeds nearly valid frames, files and answers into their decoders and what stands behind them.",
        discussion: """
            Each kind runs in a process of its own, so that a crash or a hang is told with the line that replays it. Exits \
            0 if every input was taken or refused as it should be, 1 if not.
            """)

    @Option(help: "Inputs for each of the two kinds of frames; the slower kinds get a part of it.")
    var inputs = 1_000_000
    @Option(help: "Seed of all changes.")
    var seed: UInt64 = 1
    @Option(help: "Only this (may be repeated): \(FuzzKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var only: [FuzzKind] = []
    @Flag(help: "In this very process; what the command starts itself with.")
    var inside = false

    /// s for one kind: some ten times what a million inputs take.
    private static let secondsMax = 600.0

    func validate() throws {
        guard inputs > 0, inputs <= 1_000_000_000 else { throw ValidationError("--inputs takes 1 to 1000000000.") }
    }

    func run() throws {
        let kinds = only.isEmpty ? FuzzKind.allCases : only
        var hasFailed = false
        for kind in kinds {
            if inside { try feed(kind) } else if !runs(kind) { hasFailed = true }
        }
        if inside { return }
        print(
            hasFailed
                ? "not every input was taken as it should be" : "all inputs were taken or refused as they should be")
        if hasFailed { throw ExitCode(1) }
    }

    private func feed(_ kind: FuzzKind) throws {
        let count = kind.share(of: inputs)
        let began = Date()
        guard let fault = FuzzRun.feed(kind.makeTarget(), inputs: count, seed: seed) else {
            let seconds = Date().timeIntervalSince(began)
            print("\(kind.rawValue): \(count) inputs, \(Int(Double(count) / max(seconds, 0.001))) a second")
            return
        }
        let bytes = fault.input.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        print("\(kind.rawValue): input \(fault.number): \(fault.sentence)\n\(bytes)")
        throw ExitCode(1)
    }

    /// In a child, which may crash or hang.
    private func runs(_ kind: FuzzKind) -> Bool {
        let arguments = ["fuzz", "--inside", "--only", kind.rawValue, "--inputs", "\(inputs)", "--seed", "\(seed)"]
        let child: ChildProcess
        do throws(Fault) { child = try ChildProcess(Self.programs + "/flightbench", arguments) } catch {
            Self.tell("flightbench: \(error)")
            return false
        }
        let ending = child.awaitEnd(until: da_now() + UInt64(Self.secondsMax * 1e9))
        if ending == .exited(0) { return true }
        let hangs = ending == nil
        if hangs {
            child.kill(SIGKILL)
            _ = child.awaitEnd(until: da_now() + 1_000_000_000)
        }
        print(
            "\(kind.rawValue): \(hangs ? "hangs" : "failed"); it comes again with 'flightbench \(arguments.joined(separator: " "))'"
        )
        return false
    }
}
