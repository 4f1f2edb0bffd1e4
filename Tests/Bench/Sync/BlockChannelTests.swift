import Bench
import Contract
import FlightKit
import FlightMap
import Handover
import Testing

/// State of any size goes over whole, in pieces, as of one tick.
@Suite struct BlockChannelTests {
    /// Bytes: one block, one piece and a bit, as much as is under way at once and a bit, four MiB.
    @Test(arguments: [1024, 33 * 1024, 700 * 1024, 4 << 20])
    func theCandidateHasTheOwnersBits(bytes: Int) {
        var rig = BlockRig(bytes: bytes)
        rig.run(ticks: 50)
        rig.stream()
        rig.runUntilInStep(limit: 2000)
        rig.run(ticks: 1500)
        #expect(rig.compared >= 1500 && rig.unequal == 0, "\(rig.unequal) of \(rig.compared)")
        #expect(rig.timesAnew == 0 && rig.complaints == [])
        // And as owner, when no cut helps any more; the former owner's integrators stand still, but not its map.
        rig.switchOwner()
        rig.run(ticks: 1)
        #expect(rig.candidate.role == .owner && rig.owner.role == .standby)
        rig.run(ticks: 499)
        #expect(rig.haveSameMap)
    }

    @Test func aSpoiledBlockShows() {
        var rig = BlockRig(bytes: 64 << 10)
        var isDone = false
        rig.spoil = { message in
            guard !isDone, case .blocks(var piece) = message, !piece.runs.isEmpty else { return message }
            isDone = true
            // One block of the 32 comes as zeros.
            for index in 20 << 10..<21 << 10 { piece.runs[0].bytes[index] = 0 }
            return .blocks(piece)
        }
        rig.stream()
        rig.runUntilInStep(limit: 500)
        rig.run(ticks: 50)
        #expect(isDone && rig.unequal > 0, "\(rig.compared)")
    }

    /// In virtual time: what the pace makes of it. The plan says as much beforehand.
    @Test func syncTimeIsLinearAndThePlanKnowsIt() throws {
        var before: (bytes: Int, seconds: Double)?
        for bytes in [1 << 20, 4 << 20, 16 << 20] {
            var rig = BlockRig(bytes: bytes)
            rig.stream()
            rig.runUntilInStep(limit: 5000)
            let seconds = Double(try #require(rig.firstInStep) - rig.streamedAt) * 0.002
            let channel = MapController.channel(bytes: bytes)
            let plan = try HandoverPlan(
                offers: MapController.offers(channel), needs: MapController.needs(channel), policy: HandoverPolicy())
            #expect(abs(plan.syncSeconds / seconds - 1) < 0.2, "\(bytes): plan \(plan.syncSeconds), took \(seconds)")
            if let before {
                let slope = (seconds - before.seconds) / Double(bytes - before.bytes)
                #expect(abs(slope * Double(BlockSender.pace) - 1) < 0.2, "\(bytes): \(seconds) s")
            }
            before = (bytes, seconds)
        }
    }

    @Test func whoTakesNothingHoldsUpNothingElse() {
        var rig = BlockRig(bytes: 4 << 20)
        rig.isLinkUp = false
        rig.stream()
        rig.run(ticks: 5000)
        #expect(rig.firstInStep == nil)
        #expect(rig.piecesSent == BlockPiece.window && rig.piecesUnderWay == Int(BlockPiece.window))
        // When it listens again all goes on where it stood.
        rig.isLinkUp = true
        rig.runUntilInStep(limit: 500)
        rig.run(ticks: 500)
        #expect(rig.compared >= 500 && rig.unequal == 0 && rig.timesAnew == 0)
        #expect(rig.piecesUnderWay <= Int(BlockPiece.window))
    }

    /// A link that is down while both fly on in step: the candidate goes back to its last cut and is in step again.
    @Test func aPauseIsMadeUp() {
        var rig = BlockRig(bytes: 1 << 20)
        rig.stream()
        rig.runUntilInStep(limit: 500)
        rig.isLinkUp = false
        rig.run(ticks: 200)
        rig.isLinkUp = true
        rig.run(ticks: 500)
        #expect(rig.compared > 650 && rig.unequal == 0 && rig.timesAnew == 0)
    }

    /// More blocks change than a cut brings, and than the candidate can go back over: no cut is wrong, and when it
    /// calms down the candidate comes into step by itself.
    @Test func aStormIsNoCut() {
        var rig = BlockRig(bytes: 8 << 20)
        rig.stream()
        rig.runUntilInStep(limit: 1000)
        #expect(rig.candidate.stateTick != 0)
        rig.isStorm = true
        rig.run(ticks: 300)
        #expect(rig.timesAnew > 0 && rig.candidate.stateTick == 0)
        rig.isStorm = false
        rig.run(ticks: 1500)
        #expect(rig.candidate.stateTick + 50 > rig.tick)
        let before = (rig.compared, rig.unequal)
        rig.run(ticks: 500)
        #expect(rig.compared == before.0 + 500 && rig.unequal == before.1)
        #expect(rig.unequal == 0)
    }

    @Test func aLostPieceIsAskedForAnew() {
        var rig = BlockRig(bytes: 2 << 20)
        var count = 0
        rig.spoil = { message in
            guard case .blocks = message else { return message }
            count += 1
            return count == 20 ? nil : message
        }
        rig.stream()
        rig.runUntilInStep(limit: 1000)
        rig.run(ticks: 500)
        #expect(rig.timesAnew == 1)
        #expect(rig.compared >= 500 && rig.unequal == 0)
    }

    @Test func whatTheCandidateDoesNotNeedIsNotSent() {
        var rig = BlockRig(bytes: 1 << 20)
        rig.stream([])
        rig.run(ticks: 200)
        #expect(rig.piecesSent == 0)
        // Of another size it is another channel.
        rig.stream([MapController.channel(bytes: 2 << 20).need])
        rig.run(ticks: 200)
        #expect(rig.piecesSent == 0)
    }

    @Test func blocksThatDoNotFitAreRefusedInOneSentence() {
        var rig = BlockRig(bytes: 1 << 20, candidateBytes: 64 << 10)
        rig.stream()
        rig.run(ticks: 500)
        #expect(rig.firstInStep == nil)
        #expect(rig.complaints.count == 1 && rig.complaints.first?.contains("'map.cells'") == true)
    }
}

extension MapController {
    fileprivate static func offers(_ channel: BlockChannel) -> [ChannelOffer] {
        channels.map(\.offer) + [channel.offer]
    }
    fileprivate static func needs(_ channel: BlockChannel) -> [ChannelNeed] { channels.map(\.need) + [channel.need] }
}
