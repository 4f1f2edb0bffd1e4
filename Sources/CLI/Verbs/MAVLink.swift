internal import Agent
package import ArgumentParser
internal import MAVLink

extension DroneAgent {
    /// `droneagent mavlink`
    package struct GroundStation: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            commandName: "mavlink",
            abstract: "Speaks MAVLink 2 with ground stations over UDP until interrupted.",
            discussion: """
                Stations that speak to its address are told about the flight, and those named with --to. With \
                --accept-commands they may also arm, take off, land and fly by MANUAL_CONTROL. Who arms holds the pilot's \
                link while its heartbeats come; when they stop for 3 s, or a pilot's MANUAL_CONTROL for the board's \
                pilot_timeout, the core lands. A process of its own: agent and flight do not need it.
                """)

        @Option(help: ArgumentHelp("Address to listen at.", valueName: "host:port"))
        package var listen = "127.0.0.1:14550"
        @Option(
            help: ArgumentHelp(
                "A ground station to tell without being asked; may be given again.", valueName: "host:port"))
        package var to: [String] = []
        @Flag(help: "Stations may fly the vehicle; at an address that others reach only with --key.")
        package var acceptCommands = false
        @Option(
            help: ArgumentHelp(
                "File with the key, 64 hexadecimal digits: sign, and hear only who signs.", valueName: "file"),
            completion: .file())
        package var key: String?
        @Option(help: "The vehicle's number, 1 to 255.")
        package var system = 1
        @Option(
            help: ArgumentHelp(
                "File or folder/ in which the core records, for yaw, rates and motors; else flights/ of the state.",
                valueName: "place"), completion: .file())
        package var record: String?
        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        private static let port: UInt16 = 14550
        private static let stationsMax = 8

        package init() {}

        package func validate() throws {
            guard (1...255).contains(system) else { throw ValidationError("--system takes 1 to 255, not \(system).") }
            guard to.count <= Self.stationsMax else {
                throw ValidationError("--to takes at most \(Self.stationsMax) stations.")
            }
        }

        package mutating func run() async throws {
            let link: GroundLink
            do throws(Fault) {
                link = GroundLink(try options(), directories: places.directories)
            } catch {
                throw CommandFailure(.refused, error.sentence)
            }
            let (isJSON, mayFly) = (output.json, acceptCommands)
            do throws(Fault) {
                try await untilTold { () async throws(Fault) in
                    try await link.run { place in
                        Output.write(
                            isJSON
                                ? #"{"address":"\#(place)","port":\#(place.port)}"# + "\n"
                                : "mavlink  \(place), \(mayFly ? "stations may fly" : "telemetry only")\n")
                    } notice: {
                        Output.complain($0)
                    }
                }
            } catch {
                throw CommandFailure(.refused, error.sentence)
            }
        }

        private func options() throws(Fault) -> GroundLink.Options {
            var options = GroundLink.Options(
                listen: try Endpoint(listen, port: Self.port), record: record ?? places.directories.flights)
            for place in to { options.to.append(try Endpoint(place, port: Self.port)) }
            options.system = UInt8(system)
            options.acceptsCommands = acceptCommands
            if let key { options.key = try SigningKey.read(key) }
            guard !acceptCommands || options.key != nil || options.listen.isLoopback else {
                throw Fault(
                    "At \(options.listen) anybody on the network could fly the vehicle; give --key with --accept-commands, or "
                        + "listen at 127.0.0.1 and tunnel.")
            }
            return options
        }
    }
}
