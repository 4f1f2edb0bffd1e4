import Agent
import Bench
import CPlatform
import Foundation
import Testing

/// `droneagent doctor`, the real program, with the real `flightcore` over simulated chips and the bench's engine.
@Suite(.serialized, .enabled(if: LiveFlight.isPossible, LiveFlight.missing), .timeLimit(.minutes(2)))
struct DoctorVerbTests {
    private let folder = TestFolder()

    /// The board file with some of its text replaced, compiled or not.
    private func board(_ changes: [(String, String)] = []) throws -> String {
        var text = try BoardFileTests.shipped("bench.yaml")
        for (old, new) in changes {
            try #require(text.contains(old))
            text = text.replacing(old, with: new)
        }
        let path = folder.path + "/board-\(UUID().uuidString).yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func look(
        _ board: String, engine: String? = nil, programs: String? = nil, _ more: [String] = []
    ) throws -> (code: Int32, findings: [Finding], output: String) {
        let (programs, live) = (try #require(programs ?? LiveFlight.programs), try #require(LiveEngine.shared))
        let child = try Child(
            "doctor", programs + "/droneagent",
            [
                "doctor", "--json", "--board", board, "--engine", engine ?? live.socket, "--run", folder.path,
                "--state",
                folder.path,
            ] + more, log: folder.path + "/doctor-\(UUID().uuidString).log")
        defer { child.stop() }
        let limit = da_now() + 40_000_000_000
        while child.isRunning, da_now() < limit { da_sleep_until(da_now() + 20_000_000) }
        let lines = child.output.split(separator: "\n")
        let findings = lines.compactMap { try? JSONDecoder().decode(Finding.self, from: Data($0.utf8)) }
        #expect(findings.allSatisfy { $0.sentence.hasSuffix(".") }, "\(child.output)")
        return (child.exitCode, findings, child.output)
    }

    private func world() throws -> Child {
        let programs = try #require(LiveFlight.programs)
        let compiled = folder.path + "/world.bin"
        let whole = try BoardFile.compile(try BoardFileTests.shipped("bench.yaml"), name: "bench.yaml")
        try Data(whole.binary).write(to: URL(fileURLWithPath: compiled))
        let world = try Child(
            "world", programs + "/flightbench",
            ["world", "--board", compiled, "--socket", folder.path + "/bus.sock", "--folder", folder.path],
            log: folder.path + "/world.log")
        let limit = da_now() + 10_000_000_000
        while !FileManager.default.fileExists(atPath: folder.path + "/bus.sock"), da_now() < limit {
            da_sleep_until(da_now() + 20_000_000)
        }
        return world
    }

    @Test func aMachineThatIsRightIsFit() throws {
        let world = try world()
        defer { world.stop() }
        let (code, findings, output) = try look(try board())
        #expect(code == 0, "\(output)")
        let subjects = Set(findings.map(\.subject))
        let expected = [
            "board file", "IMU", "motors", "bus speed", "real time", "engine", "live restore", "clock", "room", "disk",
        ]
        #expect(subjects.isSuperset(of: expected), "\(output)")
    }

    /// As the package lays them out: /usr/bin/droneagent and /usr/libexec/droneagent/flightcore.
    @Test func theCoreOfThePackageIsFound() throws {
        let world = try world()
        defer { world.stop() }
        let programs = try #require(LiveFlight.programs)
        let (bin, libexec) = (folder.path + "/bin", folder.path + "/libexec/droneagent")
        for (program, place) in [("droneagent", bin), ("flightcore", libexec)] {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            // By a process of its own: a file that this one has written to could not be run while another test forks.
            let copy = try Process.run(
                URL(filePath: "/bin/cp"), arguments: [programs + "/" + program, place], terminationHandler: nil)
            copy.waitUntilExit()
            try #require(copy.terminationStatus == 0)
        }
        let (code, findings, output) = try look(try board(), programs: bin)
        #expect(code == 0 && findings.contains { $0.subject == "IMU" && $0.state == .ok }, "\(output)")
    }

    @Test func eachFaultIsNamedAndEndsWithTwo() throws {
        let world = try world()
        defer { world.stop() }
        let (code, findings, output) = try look(
            try board([("  address: 0x76", "  address: 0x77")]), engine: folder.path + "/no-engine.sock")
        #expect(code == 2)
        let faults = findings.filter { $0.state == .fault }
        #expect(Set(faults.map(\.subject)) == ["barometer", "engine"], "\(output)")
        #expect(faults.contains { $0.sentence.contains("No chip answers at 0x77") })
        #expect(output.contains("It should not fly before what is at fault is mended."))
    }

    @Test(arguments: [
        ("device: bridge:bus.sock", "device: /dev/i2c-77", "/dev/i2c-77"),
        ("rate_hz: 500", "rate_hz: 501", "tick.rate_hz"),
    ])
    func whatCannotBeginIsOneSentence(old: String, new: String, named: String) throws {
        let (code, findings, output) = try look(try board([(old, new)]))
        #expect(code == 2)
        let faults = findings.filter { $0.state == .fault && ["core", "board file"].contains($0.subject) }
        #expect(faults.count == 1 && faults[0].sentence.contains(named), "\(output)")
    }

    @Test func withoutBoardOrCoreTheRestIsLookedAt() throws {
        let none = try look(folder.path + "/none.bin")
        #expect(
            none.code == 2 && none.findings.contains { $0.subject == "engine" && $0.state == .ok }, "\(none.output)")
        #expect(none.findings.first?.sentence.contains("none.bin cannot be read") == true)
        let away = try look(try board(), ["--core", folder.path + "/flightcore"])
        #expect(away.code == 2, "\(away.output)")
        #expect(away.findings.contains { $0.sentence.contains("There is no flight core at") }, "\(away.output)")
    }
}
