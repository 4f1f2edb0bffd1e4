import ArgumentParser

@main
struct FlightBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flightbench", abstract: "Flies the simulated drone, with the real programs.",
        subcommands: [
            Fly.self, Devices.self, World.self, Scene.self, Virtual.self, Sync.self, Measure.self, Peers.self,
            Explore.self,
            CampaignVerb.self, EnvelopeVerb.self, TortureVerb.self, Chaos.self, Fuzz.self, VerdictVerb.self,
            CaptureVerb.self,
        ])
}
