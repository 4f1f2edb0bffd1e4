import Agent
import Foundation
import Glibc
import Testing

/// What is asked of an engine, without one.
@Suite struct EngineFormTests {
    @Test(arguments: [("1.41", "1.41"), ("1.44", "1.44"), ("1.52", "1.44"), ("1.40", "1.40")])
    func theLowerVersionIsSpoken(theirs: String, spoken: String) throws {
        #expect("\(try EngineVersion.negotiate(theirs: theirs, socket: "s"))" == spoken)
    }

    @Test(arguments: [nil, "", "1", "1.39", "one.two", "1.2.3"] as [String?])
    func othersAreRefused(theirs: String?) {
        #expect(throws: Fault.self) { try EngineVersion.negotiate(theirs: theirs, socket: "s") }
    }

    @Test func aContainerGetsLittle() throws {
        let plan = ContainerPlan(instance: "flight-2", image: "r@d", directory: "/run/x")
        let body = try #require(
            JSONSerialization.jsonObject(with: Data(try plan.json())) as? [String: Any])
        let host = try #require(body["HostConfig"] as? [String: Any])
        #expect(plan.containerName == "droneagent-flight-2")
        #expect(body["Env"] as? [String] == ["FLIGHT_DIRECTORY=/run/flight", "SWIFT_BACKTRACE=enable=no"])
        #expect(
            body["Labels"] as? [String: String] == [
                "org.droneagent.instance": "flight-2", "org.droneagent.role": "flight",
            ])
        #expect(host["NetworkMode"] as? String == "none")
        #expect(host["ReadonlyRootfs"] as? Bool == true)
        #expect(host["CapDrop"] as? [String] == ["ALL"])
        #expect(host["SecurityOpt"] as? [String] == ["no-new-privileges"])
        #expect(host["Memory"] as? Int == host["MemorySwap"] as? Int)
        #expect((host["PidsLimit"] as? Int ?? 0) > 0)
        #expect((host["NanoCpus"] as? Int ?? 0) > 0)
        let limits = host["Ulimits"] as? [[String: Any]] ?? []
        let isRoot = geteuid() == 0
        #expect(limits.map { $0["Name"] as? String } == ["nofile", "nproc"] + (isRoot ? [] : ["memlock"]))
        #expect(
            limits.prefix(2).allSatisfy { ($0["Soft"] as? Int ?? 0) > 0 && $0["Soft"] as? Int == $0["Hard"] as? Int })
        #expect(host["CapAdd"] as? [String] == (isRoot ? ["IPC_LOCK"] : []), "so that it may lock its memory")
        #expect(host["Privileged"] == nil)
        let mounts = try #require(host["Mounts"] as? [[String: Any]])
        #expect(mounts.count == 1)
        #expect(mounts.first?["Source"] as? String == "/run/x")
        #expect(mounts.first?["Target"] as? String == "/run/flight")
    }

    @Test func anEngineThatIsNotThereIsOneSentence() async throws {
        let connections = Connections()
        let fault = await #expect(throws: Fault.self) {
            try await Engine(socket: "/nonexistent/engine.sock", connections)
        }
        #expect(
            fault?.sentence.contains("/nonexistent/engine.sock does not answer") == true, "\(fault?.sentence ?? "")")
        await connections.shutdown()
    }

    @Test func aRegistryThatIsNotThereIsOneSentence() async throws {
        let connections = Connections()
        // Port 1 is reserved (tcpmux); nobody listens.
        let reference = try Reference("127.0.0.1:1/flight:v1", running: nil)
        let fault = await #expect(throws: Fault.self) {
            try await RegistryClient(connections).resolve(reference)
        }
        #expect(fault?.sentence.contains("registry 127.0.0.1:1 does not answer") == true, "\(fault?.sentence ?? "")")
        await connections.shutdown()
    }
}
