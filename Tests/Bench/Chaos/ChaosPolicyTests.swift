import Bench
import Testing

/// Policies as people write them, and as they should not.
@Suite struct ChaosPolicyTests {
    private static func read(_ fault: String, top: String = "duration: 60 s") throws(BenchFault) -> ChaosPolicy {
        try ChaosPolicy("\(top)\nfaults:\n  - {\(fault)}\n", name: "p.yaml")
    }

    @Test func theExampleOfTheIssueIsRead() throws {
        let policy = try Self.read(
            "kind: delay, on: queue, strength: 600 ms, every: 10 s, for: 3 s, containers: {role: flight}")
        #expect(policy.duration == 60 && policy.updates == ["v1", "v2"])
        let fault = ChaosFault(
            .delay, on: .queue, strength: 0.6, every: 10, lasts: 3, labels: ["role": "flight"])
        #expect(policy.faults == [fault])
        #expect(fault.words == "600 ms of delay on queue of role=flight")
        #expect(fault.selects(["org.droneagent.role": "flight", "x": "y"]) && !fault.selects(["role": "other"]))
    }

    @Test(arguments: [
        ("kind: delay, on: queue, strength: 600, every: 10 s, for: 3 s", "write a number and its unit"),
        ("kind: delay, on: queue, strength: 600 kg, every: 10 s, for: 3 s", "write a number and its unit"),
        ("kind: delay, on: queue, strength: 900 s, every: 10 s, for: 3 s", "allowed is"),
        ("kind: delay, on: queue, every: 10 s, for: 3 s", "strength is missing"),
        ("kind: delay, on: core, strength: 1 s, every: 10 s, for: 3 s", "strikes queue, registry, engine"),
        ("kind: delays, on: queue, strength: 1 s, every: 10 s, for: 3 s", "write one of kill"),
        ("kind: loss, on: queue, strength: 150 %, every: 10 s, for: 3 s", "allowed is"),
        ("kind: pause, on: agent, every: 10 s, for: 11 s", "allowed is"),
        ("kind: kill, on: agent, every: 10 s, for: 1 s", "for is not known here"),
        ("kind: kill, on: agent, every: 10 s, containers: {role: flight}", "selects nothing on agent"),
        ("kind: kill, on: containers, every: 10 s, containers: flight", "must be a mapping of labels"),
        ("kind: kill, on: containers, every: 90 s", "allowed is"),
        ("kind: status, on: registry, every: 9 s, for: 1 s, strength: 200", "allowed is"),
    ])
    func anythingElseIsOneSentence(fault: String, words: String) throws {
        let error = try #require(throws: BenchFault.self) { try Self.read(fault) }
        #expect(error.description.contains(words), "\(error)")
        #expect(error.description.hasPrefix("p.yaml line ") && !error.description.contains("\n"), "\(error)")
    }

    @Test(arguments: [
        "", "[", "x", "duration: 60 s", "duration: 1 s\nfaults: [{kind: kill, on: agent, every: 1 s}]",
        "duration: 60 s\nfaults: []", "duration: 60 s\nfaults: 3",
        "duration: 60 s\nupdates: []\nfaults: [{kind: kill, on: agent, every: 9 s}]",
    ])
    func aFileThatIsNoPolicyIsRefused(text: String) throws {
        let error = try #require(throws: BenchFault.self) { try ChaosPolicy(text, name: "p.yaml") }
        #expect(error.description.hasPrefix("p.yaml") && !error.description.contains("\n"), "\(error)")
    }
}
