import Agent
import ArgumentParser
import CLI
import Testing

@Suite("Each verb's command line")
struct ParsingTests {
    private func parse<C: ParsableCommand>(_: C.Type, _ line: String) throws -> C {
        let command = try DroneAgent.parseAsRoot(line.split(separator: " ").map(String.init))
        return try #require(command as? C)
    }

    @Test("update with every flag") func update() throws {
        let command = try parse(
            DroneAgent.Update.self, "update v2 --dry-run --json --again --run /tmp/r --state /tmp/s")
        #expect(command.reference == "v2")
        #expect(command.dryRun && command.again && command.output.json)
        #expect(command.places.directories.run == "/tmp/r")
        #expect(command.places.directories.state == "/tmp/s")
    }

    @Test("update alone changes something and speaks to people") func updateAlone() throws {
        let command = try parse(DroneAgent.Update.self, "update v2")
        #expect(!command.dryRun && !command.again && !command.output.json && !command.now && command.wait == nil)
    }

    @Test("what the gate is told", arguments: ["--wait 0", "--wait 601", "--wait -1", "--wait soon", "--now --wait 5"])
    func gate(_ flags: String) {
        #expect(throws: (any Error).self) { try parse(DroneAgent.Update.self, "update v2 \(flags)") }
    }

    @Test("start") func start() throws {
        #expect(
            try parse(DroneAgent.Start.self, "start 127.0.0.1:5000/flight:v1").reference == "127.0.0.1:5000/flight:v1")
    }

    @Test("status, watch, rollback") func reading() throws {
        #expect(try parse(DroneAgent.Status.self, "status --json").output.json)
        #expect(try parse(DroneAgent.Watch.self, "watch --json").output.json)
        #expect(try !parse(DroneAgent.Rollback.self, "rollback").output.json)
    }

    @Test("console listens at loopback unless told otherwise") func console() throws {
        let command = try parse(DroneAgent.Console.self, "console")
        #expect(command.port == 8480 && command.bind == "127.0.0.1" && command.record == nil && !command.output.json)
        let other = try parse(DroneAgent.Console.self, "console --port 0 --bind ::1 --record /tmp/f.ulg --json")
        #expect(other.port == 0 && other.bind == "::1" && other.record == "/tmp/f.ulg" && other.output.json)
    }

    @Test("what is no port, and no address", arguments: ["--port -1", "--port 65536", "--port http", "--bind="])
    func consolePlace(_ flags: String) {
        #expect(throws: (any Error).self) { try parse(DroneAgent.Console.self, "console \(flags)") }
    }

    @Test("mavlink listens at loopback and takes no command unless told to") func mavlink() throws {
        let command = try parse(DroneAgent.GroundStation.self, "mavlink")
        #expect(
            command.listen == "127.0.0.1:14550" && !command.acceptCommands && command.to.isEmpty && command.key == nil)
        let other = try parse(
            DroneAgent.GroundStation.self, "mavlink --listen 0.0.0.0:1 --to a:2 --to b:3 --accept-commands --key k")
        #expect(other.listen == "0.0.0.0:1" && other.to == ["a:2", "b:3"] && other.acceptCommands && other.key == "k")
    }

    @Test("what is no vehicle's number", arguments: ["--system 0", "--system 256"])
    func mavlinkSystem(_ flags: String) {
        #expect(throws: (any Error).self) { try parse(DroneAgent.GroundStation.self, "mavlink \(flags)") }
    }

    @Test("replay") func replay() throws {
        let command = try parse(DroneAgent.Replay.self, "replay 12 --image a:1/f:v2 --json")
        #expect(command.flight == "12" && command.image == "a:1/f:v2" && command.owner == nil && command.output.json)
        let beside = try parse(
            DroneAgent.Replay.self,
            "replay f.ulg --image a:1/f:v2 --owner a:1/f:v1 --folder /tmp/x --engine /tmp/e.sock")
        #expect(beside.owner == "a:1/f:v1" && beside.folder == "/tmp/x" && beside.engine.path == "/tmp/e.sock")
    }

    @Test("arm, disarm, land") func pilot() throws {
        #expect(try parse(DroneAgent.Arm.self, "arm --run /tmp/r").places.directories.coreSocket == "/tmp/r/core.sock")
        #expect(try !parse(DroneAgent.Disarm.self, "disarm").force)
        #expect(try parse(DroneAgent.Disarm.self, "disarm --force").force)
        #expect(try parse(DroneAgent.Land.self, "land --run /tmp/r").places.directories.run == "/tmp/r")
    }

    @Test("takeoff to 5 m unless told otherwise") func takeOff() throws {
        #expect(try parse(DroneAgent.TakeOff.self, "takeoff").height == 5)
        #expect(try parse(DroneAgent.TakeOff.self, "takeoff 2.5").height == 2.5)
    }

    @Test("serve takes a URL or a path") func serve() throws {
        #expect(try parse(DroneAgent.Serve.self, "serve").engine.path == "/var/run/docker.sock")
        #expect(try parse(DroneAgent.Serve.self, "serve --engine /tmp/e.sock").engine.path == "/tmp/e.sock")
        #expect(try parse(DroneAgent.Serve.self, "serve --engine unix:///tmp/e.sock").engine.path == "/tmp/e.sock")
    }

    @Test("board compile and show") func board() throws {
        let compile = try parse(DroneAgent.Board.Compile.self, "board compile pi4.yaml -o board.bin")
        #expect(compile.file == "pi4.yaml")
        #expect(compile.output == "board.bin")
        #expect(try parse(DroneAgent.Board.Show.self, "board show board.bin").file == "board.bin")
    }

    @Test(
        "A wrong command line is a usage error",
        arguments: [
            "fly", "update", "start", "takeoff 0", "takeoff -3", "takeoff nan", "takeoff high",
            "serve --engine tcp://x",
            "board compile pi4.yaml", "update v2 v3", "land --force", "replay", "replay 12",
        ])
    func usage(_ line: String) async {
        #expect(await DroneAgent.launch(line.split(separator: " ").map(String.init)) == ExitStatus.usage.rawValue)
    }
}
