import ArgumentParser
import Bench
import FoundationEssentials

extension Peer: ExpressibleByArgument {}

/// Other ways to replace a flight container in flight, beside ours.
struct Peers: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Flies the same flight once for each way of replacing the flight container, and prints a table.",
        discussion: """
            Needs a registry with flight:v1 and flight:v2, an engine and its command line `docker`: `Board/bench measure \
            --peers` sets them up. Exits 0 if our update cost nothing (no tick without a command, one driver, state \
            kept, flew on), 1 if it did, 3 if the machine stalled too often to say, 64 if a flight could not be flown \
            to its end.
            """)

    @Option(help: "The container engine's socket.")
    var engine: String
    @Option(help: "The registry, host:port.")
    var registry: String
    @Option(help: "Only this (may be repeated): \(Peer.allCases.map(\.rawValue).joined(separator: ", ")).")
    var only: [Peer] = []
    @Flag(help: "Print the JSON instead of the table.")
    var json = false
    @Option(help: "Folder for peers.json, and a folder for each flight in it.")
    var out = "flight"
    @Option(name: .customLong("run"), help: "Folder for sockets; a short path.")
    var runFolder = "/run/droneagent-peers"

    func run() throws {
        var options = PeersOptions()
        options.engine = engine
        options.registry = registry
        options.out = out
        options.run = runFolder
        options.programs = Self.programs
        let table = try Self.orExit {
            try PeersRun(options).fly(only.isEmpty ? Peer.allCases : only) { Self.tell("peers: \($0)") }
        }
        print(json ? try String(contentsOfFile: out + "/peers.json", encoding: .utf8) : table.text)
        switch table.verdict {
        case .holds, nil: return
        case .inconclusive: throw ExitCode(3)
        case .fails: throw ExitCode(1)
        }
    }
}
