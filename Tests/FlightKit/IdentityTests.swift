import CContract
import Contract
import FlightKit
import FlightV1
import FlightV2
import Testing

@Suite("A state cut carries everything: the same code computes the same bits")
struct IdentityTests {
    /// A candidate that starts amid a manoeuvre gets one cut, 50 ticks old, and has the owner's bits from then on.
    private func differences<C: Controller>(
        _: C.Type, without missing: String? = nil
    ) -> (compared: Int, different: Int) {
        var rig = Rig([fly(C.self)], seed: 7)
        rig.run(to: "roll")
        rig.run(seconds: 0.3)
        let candidate = fly(C.self)
        rig.flyers.append(candidate)
        rig.run(seconds: 0.3)
        let image = StateImage()
        #expect(image.take(rig.flyers[0].cut(), for: candidate.channels) == nil)
        for (index, channel) in candidate.channels.enumerated() where channel.name == missing {
            image.entries[index].schema = 0
        }
        rig.run(seconds: 0.1)
        #expect(candidate.apply(image) == .applied)
        let start = rig.trace.count
        rig.run(seconds: 12)
        let rest = rig.trace[start...]
        let different = rest.count { !Motors($0.commands[0].free).sameBits(Motors($0.commands[1].free)) }
        return (rest.count, different)
    }

    @Test("V1 after one cut") func versionOne() {
        let result = differences(CascadeController.self)
        #expect(result.compared == 6000)
        #expect(result.different == 0)
    }

    @Test("V1 without one of its channels", arguments: CascadeController.channels.map(\.name))
    func versionOneWithout(channel: String) {
        let result = differences(CascadeController.self, without: channel)
        #expect(result.compared == 6000)
        #expect(result.different > 50)
    }

    @Test("V2 after one cut") func versionTwo() {
        let result = differences(ReducedAttitudeController.self)
        #expect(result.compared == 6000)
        #expect(result.different == 0)
    }

    @Test("V2 without one of its channels", arguments: ReducedAttitudeController.offers.map(\.name))
    func versionTwoWithout(channel: String) {
        let result = differences(ReducedAttitudeController.self, without: channel)
        #expect(result.compared == 6000)
        #expect(result.different > 50)
    }
}
