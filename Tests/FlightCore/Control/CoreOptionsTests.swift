import FlightCore
import Testing

@Suite struct CoreOptionsTests {
    @Test func allFlags() throws {
        let options = try CoreOptions([
            "--board", "b.bin", "--run", "/r", "--state", "/s", "--instance", "v1=/r/instances/v1", "--instance",
            "v2=/a=b", "--owner", "v1", "--record", "f.ulg", "--watchdog", "/dev/watchdog",
        ])
        #expect(options.board == "b.bin" && options.run == "/r" && options.state == "/s" && options.record == "f.ulg")
        #expect(options.instances.map(\.name) == ["v1", "v2"] && options.instances[1].directory == "/a=b")
        #expect(options.owner == "v1" && options.watchdog == "/dev/watchdog")
        let least = try CoreOptions(["--board", "b"])
        #expect(least.run == "/run/droneagent" && least.state == "/var/lib/droneagent" && least.owner == nil)
    }

    @Test func aSupervisorPassesOnItsOptions() throws {
        let options = try CoreOptions(["--board", "b", "--supervise", "--record", "f"])
        #expect(options.isSupervised && options.childArguments == ["--board", "b", "--record", "f"])
        #expect(options.kept == nil && options.outputs == nil)
        let child = try CoreOptions(options.childArguments + ["--kept", "3", "--outputs", "4"])
        #expect(!child.isSupervised && child.kept == 3 && child.outputs == 4 && child.record == "f")
    }

    @Test func mistakesAreNamed() {
        func said(_ arguments: String...) -> String { sentence { _ = try CoreOptions(arguments) } }
        #expect(said().contains("--board is missing") && said().contains("usage:"))
        #expect(said("--board").contains("--board needs a value"))
        #expect(said("--board", "b", "--speed", "1").contains("does not know --speed"))
        #expect(said("--board", "b", "--instance", "v1").contains("NAME=DIR"))
        #expect(said("--board", "b", "--kept", "x").contains("open descriptor"))
        #expect(said("--board", "b", "--outputs", "-1").contains("open descriptor"))
        #expect(said("--board", "b", "--instance", "=x").contains("NAME=DIR"))
        #expect(said("--board", "b", "--owner", "v1").contains("names none of the instances"))
    }
}
