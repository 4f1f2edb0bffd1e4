import CContract
import Contract
import FlightKit
import FlightV1
import FlightV2
import Testing

@Suite("Which state cuts a candidate takes")
struct CutTests {
    private let candidate = fly(CascadeController.self)
    private let owner = fly(CascadeController.self)

    /// Both have answered the samples of these ticks, standing on the ground.
    private func answer(_ ticks: ClosedRange<UInt64>) {
        for tick in ticks {
            _ = owner.answer(standing(tick))
            _ = candidate.answer(standing(tick))
        }
    }

    private func standing(_ tick: UInt64) -> da_sample {
        var sample = da_sample.make()
        sample.tick = tick
        sample.accel = (0, 0, -9.8)
        sample.pressure = 101_000
        sample.temperature = 15
        return sample
    }

    @Test("One of the last half second") func applied() {
        answer(1...500)
        let cut = owner.cut()
        answer(501...755)
        #expect(candidate.apply(cut) == .applied)
        #expect(candidate.stateTick == 500)
        #expect(candidate.answer(standing(756)).state_tick == 500)
    }

    @Test("Not one that is older than the history") func old() {
        answer(1...500)
        let cut = owner.cut()
        answer(501...756)
        #expect(candidate.apply(cut) == .old)
        #expect(candidate.stateTick == 0)
    }

    @Test("Not one from beyond a gap; it is out of step until the next one") func gap() {
        answer(1...100)
        #expect(candidate.apply(owner.cut()) == .applied)
        let cut = owner.cut()
        answer(102...110)
        #expect(candidate.stateTick == 0)
        #expect(candidate.apply(cut) == .old)
        #expect(candidate.apply(owner.cut()) == .applied)
        #expect(candidate.stateTick == 110)
    }

    @Test("Not yet one of a sample that has not arrived") func early() {
        answer(1...10)
        _ = owner.answer(standing(11))
        let cut = owner.cut()
        #expect(candidate.apply(cut) == .early)
        _ = candidate.answer(standing(11))
        #expect(candidate.apply(cut) == .applied)
    }

    @Test("Not one with a number that is none, and nothing of it stays") func insane() {
        answer(1...10)
        var cut = owner.cut()
        cut.channels[3].bytes.replaceSubrange(0..<4, with: [0, 0, 0xC0, 0x7F])
        #expect(candidate.apply(cut) == .unreadable)
        #expect(candidate.cut() == owner.cut())
    }

    @Test("Not one of a schema that it cannot read, of another size, or without a required channel")
    func unreadable() {
        answer(1...10)
        var newer = owner.cut()
        newer.channels[2].schema = 2
        #expect(candidate.apply(newer) == .unreadable)
        var short = owner.cut()
        short.channels[2].bytes.removeLast()
        #expect(candidate.apply(short) == .unreadable)
        var without = owner.cut()
        without.channels.remove(at: 0)
        #expect(candidate.apply(without) == .unreadable)
        #expect(candidate.stateTick == 0)
    }

    @Test("None as owner") func asOwner() {
        answer(1...10)
        let cut = owner.cut()
        var sample = standing(11)
        sample.owner_epoch = 4
        sample.your_epoch = 4
        #expect(candidate.answer(sample).epoch == 4)
        #expect(candidate.apply(cut) == .refusedAsOwner)
    }

    @Test("Seeds are taken once, replicated channels every time") func kinds() throws {
        answer(1...1000)
        #expect(candidate.apply(owner.cut()) == .applied)
        var cut = owner.cut()
        let reference = try #require(cut.channels.firstIndex { $0.name == "mission.reference" })
        let height = try #require(cut.channels.firstIndex { $0.name == "controller.height" })
        let before = candidate.cut()
        cut.channels[reference].bytes = [UInt8](repeating: 0, count: cut.channels[reference].bytes.count)
        cut.channels[height].bytes = [0, 0, 0x40, 0x40, 0, 0, 0, 0]
        #expect(candidate.apply(cut) == .applied)
        #expect(candidate.cut().channels[reference] == before.channels[reference])
        #expect(candidate.cut().channels[height] == cut.channels[height])
    }

    @Test("Version 2 reads version 1's rate loop: the integral goes over") func migration() throws {
        var rig = Rig([fly(CascadeController.self)], seed: 2)
        rig.run(to: "yaw")
        let candidate = fly(ReducedAttitudeController.self)
        rig.flyers.append(candidate)
        rig.run(seconds: 0.5)
        let cut = rig.flyers[0].cut()
        let old = try #require(cut.channels.first { $0.name == "controller.rate" })
        #expect(old.schema == 1)
        #expect(candidate.apply(cut) == .applied)
        let new = try #require(candidate.cut().channels.first { $0.name == "controller.rate" })
        #expect(new.schema == 2)
        #expect(new.bytes.count == 36)
        #expect(new.bytes.prefix(12) == old.bytes.prefix(12))
        #expect(new.bytes.prefix(12).contains { $0 != 0 })
    }

    @Test("Version 1 cannot read version 2's, and says which channel") func wayBackOfSchema() {
        let image = StateImage()
        let complaint = image.take(fly(ReducedAttitudeController.self).cut(), for: candidate.channels)
        #expect(complaint == "Channel 'controller.rate' came in schema 2; 1 to 1 can be read.")
    }

    @Test("Offers and needs: what is sent, what is optional, what must settle") func offersAndNeeds() throws {
        #expect(CascadeController.offers.map(\.bytes) == [32, 16, 24, 8, 12])
        #expect(ReducedAttitudeController.offers.count == 6)
        let needs = ReducedAttitudeController.needs
        let rate = try #require(needs.first { $0.name == "controller.rate" })
        #expect(rate.schemas == 1...2)
        let vibration = try #require(needs.first { $0.name == "estimator.vibration" })
        #expect(vibration.kind == .observe && vibration.settleMilliseconds == 1000)
        #expect(needs.filter { !$0.required }.map(\.name) == ["controller.model"])
    }
}
