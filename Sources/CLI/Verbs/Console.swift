internal import Agent
package import ArgumentParser
internal import Console
internal import Logging

extension DroneAgent {
    /// `droneagent console`
    package struct Console: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Shows the flight in a browser until interrupted.",
            discussion: """
                Prints the page's address. Update and rollback on it need the token that is printed with it; whoever \
                reaches the address sees the flight without. From elsewhere: 'ssh -L 8480:localhost:8480 pi@drone'. A \
                process of its own: agent and flight do not notice it.
                """)

        @Option(help: "Port; 0 takes any that is free.")
        package var port = 8480
        @Option(help: "Address or name to listen at; another than 127.0.0.1 shows the flight to the network.")
        package var bind = "127.0.0.1"
        @Option(
            help: ArgumentHelp(
                "File or folder/ in which the core records, for motors and body rates; else flights/ of the state.",
                valueName: "place"), completion: .file())
        package var record: String?
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package func validate() throws {
            guard (0...65535).contains(port) else {
                throw ValidationError("--port takes 0 to 65535, not \(port).")
            }
            guard !bind.isEmpty else { throw ValidationError("--bind takes an address, such as 127.0.0.1.") }
        }

        package mutating func run() async throws {
            let (directories, isJSON, host) = (places.directories, output.json, urlHost(bind))
            let server = ConsoleServer(
                directories: directories, recordPath: record ?? directories.flights,
                place: .init(bind: bind, port: port),
                logger: Logger(label: "console") { _ in SwiftLogNoOpLogHandler() })
            do throws(Fault) {
                try await untilTold { () async throws(Fault) in
                    try await server.run { port, token in
                        Output.write(consoleText(host: host, port: port, token: token, json: isJSON))
                    }
                }
            } catch {
                throw CommandFailure(.refused, error.sentence)
            }
        }
    }
}

/// The address that a browser on this machine takes: any address is no address, and one of IPv6 stands in brackets.
private func urlHost(_ bind: String) -> String {
    switch bind {
    case "0.0.0.0": "127.0.0.1"
    case "::": "[::1]"
    default: bind.contains(":") ? "[\(bind)]" : bind
    }
}

/// What the verb prints once it serves. The token stands behind #, which no browser sends.
private func consoleText(host: String, port: Int, token: String, json: Bool) -> String {
    let address = "http://\(host):\(port)/"
    guard json else { return "console  \(address)#token=\(token)\ntoken    \(token)\n" }
    return #"{"token":"\#(token)","url":"\#(address)"}"# + "\n"
}
