import Airframe
import Bench
import CContract
import Contract
import FlightKit
import FlightMap
import Simulator

/// An owner and a candidate with a map, in virtual time: both containers' kits, and between them a link that the test
/// may slow down or spoil. A round is a tick of 2 ms.
struct BlockRig {
    static let tickNanoseconds: UInt64 = 2_000_000
    /// Ticks that a message is under way: so that each cut comes from the past.
    private static let hop = 3

    let owner: FlightInstance<MapController>
    let candidate: FlightInstance<MapController>
    var sender: BlockSender
    var receiver: BlockReceiver
    /// Whether the map is changed much, and whether the link carries anything.
    var isStorm = false
    var isLinkUp = true
    /// Applied to each message on its way to the candidate; nil: it is lost.
    var spoil: (QueueMessage) -> QueueMessage? = { $0 }

    private(set) var tick: UInt64 = 0
    /// Ticks in step since the start, and those in which the commands differ in any bit.
    private(set) var compared = 0
    private(set) var unequal = 0
    private(set) var firstInStep: UInt64?
    private(set) var streamedAt: UInt64 = 0
    /// Most pieces that were on their way at once, and all that were sent.
    private(set) var piecesUnderWay = 0
    private(set) var piecesSent: UInt64 = 0
    private(set) var timesAnew = 0
    private(set) var complaints: [String] = []

    private let outgoing = StateImage(blocks: BlockMemory.cutBlocks)
    private let incoming = StateImage(blocks: BlockReceiver.stagedMax)
    private var hasOutgoing = false
    private var hasIncoming = false
    private var waiting: StateCut?
    private var isStreaming = false
    private var toCandidate: [(due: UInt64, message: QueueMessage)] = []
    private var toOwner: [(due: UInt64, message: QueueMessage)] = []
    private var random = RandomSource(seed: 5, stream: 1)
    private var ownerEpoch: UInt64 = 1
    private var candidateEpoch: UInt64 = 0
    private let bytes: Int
    private let memories: [BlockMemory]

    init(bytes: Int, candidateBytes: Int? = nil) {
        self.bytes = bytes
        memories = [bytes, candidateBytes ?? bytes].map { BlockMemory([MapController.channel(bytes: $0)]) }
        let vehicle = BenchBoard.make().vehicle
        owner = FlightInstance(vehicle: vehicle, tickRate: 500, memory: memories[0])
        candidate = FlightInstance(vehicle: vehicle, tickRate: 500, memory: memories[1])
        sender = BlockSender(memories[0])
        receiver = BlockReceiver(memories[1])
        while !owner.controller.isFilled(bytes: bytes) { _ = owner.answer(sample(forOwner: true)) }
    }

    private mutating func sample(forOwner: Bool) -> da_sample {
        tick += 1
        return make(forOwner)
    }

    private mutating func make(_ forOwner: Bool) -> da_sample {
        var sample = da_sample.make()
        sample.tick = tick
        sample.scheduled_ns = tick * Self.tickNanoseconds
        sample.accel = (0, 0, -9.8)
        sample.pressure = 101_000
        sample.mode = UInt8(DA_MODE_FLY.rawValue)
        sample.setpoint.climb = isStorm ? 8 : 0
        sample.owner_epoch = max(ownerEpoch, candidateEpoch)
        sample.your_epoch = forOwner ? ownerEpoch : candidateEpoch
        return sample
    }

    /// The candidate asks for the state.
    mutating func stream(_ needs: [ChannelNeed]? = nil) {
        sender.start(needs ?? [MapController.channel(bytes: bytes).need])
        isStreaming = true
        streamedAt = tick
    }

    /// Whether both maps have the same bytes.
    var haveSameMap: Bool {
        let blocks = 0..<bytes / BlockPiece.blockBytes
        return memories[0].read(0, blocks) == memories[1].read(0, blocks)
    }

    /// The motors change hands; no more cuts.
    mutating func switchOwner() {
        (ownerEpoch, candidateEpoch) = (0, ownerEpoch + 1)
        sender.stop()
        isStreaming = false
    }

    mutating func run(ticks: Int) { for _ in 0..<ticks { round() } }

    /// Until the candidate is in step, at most so many ticks.
    mutating func runUntilInStep(limit: Int) {
        for _ in 0..<limit where firstInStep == nil { round() }
    }

    private mutating func round() {
        tick += 1
        var news = make(true)
        // As small as that no motor is at its limit, where the map would have no say.
        news.gyro = (Float(random.uniform(-0.02, 0.02)), Float(random.uniform(-0.02, 0.02)), 0)
        let ours = owner.answer(news)
        news.your_epoch = candidateEpoch
        let theirs = candidate.answer(news)
        if theirs.state_tick != 0 {
            firstInStep = firstInStep ?? tick
            compared += 1
            if !Motors(ours.free).sameBits(Motors(theirs.free)) { unequal += 1 }
        }
        if hasIncoming, candidate.apply(incoming) != .early { hasIncoming = false }
        if isStreaming, !hasOutgoing, tick % 10 == 0 { hasOutgoing = owner.export(into: outgoing) }
        ownersQueue()
        candidatesQueue()
    }

    private mutating func ownersQueue() {
        while let first = toOwner.first, first.due <= tick {
            toOwner.removeFirst()
            if case .taken(let number) = first.message { sender.hear(taken: number) }
        }
        var sent: [QueueMessage] = []
        if hasOutgoing {
            if !sender.isCutting {
                hasOutgoing = false
            } else if let delta = outgoing.delta,
                sender.give(
                    delta,
                    {
                        sent.append($0)
                        return true
                    })
            {
                var cut = outgoing.cut(for: owner.channels)
                cut.channels.append(ChannelState(name: "map.cells", schema: 1, lastPiece: sender.lastPiece))
                sent.append(.cut(cut))
                hasOutgoing = false
            }
        }
        sender.turn(now: tick * Self.tickNanoseconds, slotIsFull: hasOutgoing) {
            sent.append($0)
            return true
        }
        piecesSent += UInt64(sent.count { if case .blocks = $0 { true } else { false } })
        toCandidate += sent.compactMap { spoil($0) }.map { (tick + UInt64(Self.hop), $0) }
        piecesUnderWay = max(
            piecesUnderWay, toCandidate.count { if case .blocks = $0.message { true } else { false } })
    }

    private mutating func candidatesQueue() {
        while isLinkUp, let first = toCandidate.first, first.due <= tick {
            toCandidate.removeFirst()
            switch first.message {
            case .blocks(let piece): if let complaint = receiver.take(piece) { complaints.append(complaint) }
            case .cut(let cut): waiting = cut
            default: break
            }
        }
        if let cut = waiting, !hasIncoming {
            switch receiver.judge(cut) {
            case .later: break
            case .whole:
                waiting = nil
                if incoming.take(cut, for: candidate.channels) == nil {
                    receiver.hand(into: incoming)
                    hasIncoming = true
                }
            case .useless: waiting = nil
            case .unreadable(let complaint):
                waiting = nil
                complaints.append(complaint)
            }
        }
        let said = receiver.turn()
        if let complaint = said.complaint { complaints.append(complaint) }
        timesAnew += said.messages.count { $0 == .taken(piece: 0) }
        toOwner += said.messages.map { (tick + UInt64(Self.hop), $0) }
    }
}
