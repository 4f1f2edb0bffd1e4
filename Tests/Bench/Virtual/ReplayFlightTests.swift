import Bench
import CContract
import Candidates
import Contract
import FlightCore
import FlightKit
import FlightLog
import FlightV1
import FlightV2
import Foundation
import Testing

/// A flight of version 1 with manoeuvres in gusts, recorded by the core, and flown again in shadow.
@Suite struct ReplayFlightTests {
    /// Its log, as one file from the core's start on, or as a service has it.
    private static func flown(fromArming: Bool = false) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.path + "/da-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = VirtualFlight.Options(seed: 3)
        options.log = try VirtualLog(folder + (fromArming ? "/" : "/flight.ulg"), options.board)
        let result = VirtualFlight(options).fly()
        try #require(result.crash == nil && result.endMode == .disarmed)
        let name = fromArming ? "/flight-00001.ulg" : "/flight.ulg"
        return [UInt8](try Data(contentsOf: URL(filePath: folder + name)))
    }

    /// As the replay does it, without containers; `owner`'s state goes to the candidate every ten ticks.
    private func replayed<Candidate: Controller>(
        _ bytes: [UInt8], _: Candidate.Type, on owner: (any Controller.Type)? = nil
    ) throws -> ReplayVerdict {
        var reader = ReplayReader()
        reader.read(bytes)
        let brief = try reader.finish()
        let (vehicle, rate) = (brief.welcome.vehicle, Int(brief.welcome.tick_rate))
        let candidate = VirtualContainer("candidate", Candidate.self, vehicle: vehicle, tickRate: rate)
        let flew = owner.map { VirtualContainer("owner", $0, vehicle: vehicle, tickRate: rate) }
        var (samples, judge) = (LogSamples(), ReplayJudge(brief.welcome))
        for tick in samples.read(bytes) where tick.sample.tick >= brief.firstTick {
            judge.take(tick, candidate.answer(tick.sample))
            guard let flew else { continue }
            var own = tick.sample
            if tick.owner != nil { own.your_epoch = own.owner_epoch }
            _ = flew.answer(own)
            if tick.owner != nil, tick.sample.tick % 10 == 0 { _ = candidate.apply(flew.cut()) }
        }
        let verdict = judge.finish(brief)
        print("\(Candidate.name) \(Candidate.version), \(owner.map { "on \($0.name)" } ?? "alone"): \(verdict)")
        return verdict
    }

    private typealias Reversed = FlawedController<Version2, ReversedSign>

    /// From the owner's first sample on it is the owner, with not a bit between them.
    @Test func theSameCodeCommandsTheSameBits() throws {
        let bytes = try Self.flown()
        let alone = try replayed(bytes, CascadeController.self)
        #expect(alone.compared > 8000 && alone.identical == alone.compared && alone.gaps == 0)
        #expect(alone.isLetThrough && alone.moments > 5000, "\(alone.sentence)")
        let beside = try replayed(bytes, CascadeController.self, on: CascadeController.self)
        #expect(beside.identical == beside.compared && beside.compared == alone.compared && beside.isLetThrough)
    }

    /// A log that begins two seconds before arming does not have the owner's state of then, but what matters of it.
    @Test func aServicesLogIsNearlyAsGood() throws {
        let verdict = try replayed(try Self.flown(fromArming: true), CascadeController.self)
        #expect(verdict.isLetThrough && verdict.isSettled && verdict.moments > 5000, "\(verdict.sentence)")
        #expect(verdict.command.rms < 0.02, "\(verdict.command)")
    }

    /// On the state of what flew it is near; a reversed sign is seen there, and alone.
    @Test func anotherVersionIsJudgedOnTheOwnersState() throws {
        let bytes = try Self.flown()
        let sound = try replayed(bytes, ReducedAttitudeController.self, on: CascadeController.self)
        #expect(sound.moments > 5000 && sound.refusedMoments * 5 < sound.moments, "\(sound.sentence)")
        #expect(sound.identical < sound.compared / 2 && sound.command.rms < 0.15)
        let reversed = try replayed(bytes, Reversed.self, on: CascadeController.self)
        #expect(!reversed.isLetThrough && reversed.why?.contains("times the effect") == true, "\(reversed.sentence)")
        #expect(reversed.refusedMoments * 2 > reversed.moments)
        let alone = try replayed(bytes, Reversed.self)
        #expect(!alone.isLetThrough && alone.refusedMoments * 2 > alone.moments, "\(alone.sentence)")
    }
}
