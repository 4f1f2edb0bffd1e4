import CContract
import CPlatform
import Contract
import FlightCore
import FlightKit
import FlightV1
import Handover

/// Messages of the handover queue, into all that reads them: the container's conversation and state, its channels in
/// blocks, and the agent's machine and plan.
final class QueueTarget: FuzzTarget {
    private static let headerBytes = MemoryLayout<da_queue_header>.size
    private static let checksumAt = MemoryLayout<da_queue_header>.offset(of: \.checksum) ?? 0
    private static let mapBytes = 64 << 10

    private let board = BenchBoard.make()
    private let container: VirtualContainer
    private let memory = BlockMemory([BlockChannel("map", schema: 1, bytes: mapBytes)])
    private var receiver: BlockReceiver
    private var sender: BlockSender
    private var conversation: Conversation
    private var machine = HandoverMachine(policy: HandoverPolicy())
    private var sample = da_sample.make()
    private var now: UInt64 = 1
    private var taken = 0

    init() {
        container = VirtualContainer(
            "v1", CascadeController.self, vehicle: board.vehicle, tickRate: Int(board.tick_rate))
        receiver = BlockReceiver(memory)
        sender = BlockSender(memory)
        conversation = Conversation(
            name: "v1", version: "1", offers: CascadeController.offers, needs: CascadeController.needs)
        sample.quiet()
        for _ in 0..<600 { _ = answer() }
    }

    func valid(_ mutation: inout Mutation) -> [UInt8] {
        let sequence = UInt64(mutation.pick(1000))
        let message: QueueMessage =
            switch mutation.pick(12) {
            case 0: .introduce(name: "flight-v1", version: "1.0.0")
            case 1: .offer(CascadeController.offers)
            case 2: .need(CascadeController.needs)
            case 3: .stream(interval: 10, window: 10)
            case 4: .acknowledge(tick: sample.tick)
            case 5: .ready(tick: sample.tick)
            case 6: .retire
            case 7: .taken(piece: UInt64(mutation.pick(20)))
            case 8: .blocks(piece(&mutation))
            default: .cut(container.cut())
            }
        return message.encoded(sequence: sequence)
    }

    private func piece(_ mutation: inout Mutation) -> BlockPiece {
        let blocks = mutation.pick(4) + 1
        let bytes = [UInt8](repeating: 7, count: blocks * BlockPiece.blockBytes)
        return BlockPiece(
            number: UInt64(mutation.pick(4) + 1),
            runs: [BlockPiece.Run(channel: "map", first: UInt32(mutation.pick(70)), bytes: bytes)])
    }

    func repaired(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= Self.headerBytes else { return bytes }
        var result = bytes
        var header = da_queue_header()
        withUnsafeMutableBytes(of: &header) { $0.copyBytes(from: result[..<Self.headerBytes]) }
        header.header.magic = UInt16(DA_MAGIC)
        header.header.version = UInt8(DA_CONTRACT_VERSION)
        header.header.size = UInt32(bytes.count)
        header.checksum = result[Self.headerBytes...].withUnsafeBytes { body in
            body.baseAddress.map { da_crc32c($0, UInt64(body.count)) } ?? 0
        }
        withUnsafeBytes(of: header) { result.replaceSubrange(0..<Self.headerBytes, with: $0) }
        return result
    }

    func feed(_ bytes: [UInt8]) -> String? {
        now += 1_000_000
        let message: QueueMessage
        do throws(FrameFault) {
            let (decoded, sequence) = try QueueMessage.decode(bytes)
            message = decoded
            guard let again = try? QueueMessage.decode(decoded.encoded(sequence: sequence)),
                again.sequence == sequence, isSame(again.message, decoded)
            else { return "A message that was taken is another one when it is sent on: \(decoded)." }
        } catch {
            return isSentence(error.description) ? nil : "A refusal is no sentence: '\(error.description)'."
        }
        taken += 1
        return use(message)
    }

    /// Not a number is unequal to itself, and bytes of state may be one; the bytes decide.
    private func isSame(_ a: QueueMessage, _ b: QueueMessage) -> Bool {
        a.encoded(sequence: 1) == b.encoded(sequence: 1)
    }

    private func use(_ message: QueueMessage) -> String? {
        if case .stream(let interval)? = conversation.hear(message, now: now), interval > 0 {
            sender.start([BlockChannel("map", schema: 1, bytes: Self.mapBytes).need])
        }
        if conversation.hasRoom { conversation.sent(cutOf: sample.tick) }
        switch message {
        case .cut(let cut):
            _ = receiver.judge(cut)
            _ = machine.handle(.cutArrived(tick: cut.tick, bytes: cut.stateBytes), now: now)
            _ = container.apply(cut)
            return answer()
        case .blocks(let piece):
            if let complaint = receiver.take(piece), !isSentence(complaint) {
                return "A complaint is no sentence: '\(complaint)'."
            }
            _ = receiver.turn()
        case .taken(let piece):
            sender.hear(taken: piece)
            _ = machine.handle(.blocksTaken(piece: piece), now: now)
        case .offer(let offers): return plan(offers, CascadeController.needs)
        case .need(let needs): return plan(CascadeController.offers, needs)
        case .acknowledge(let tick): _ = machine.handle(.applied(tick: tick), now: now)
        case .ready(let tick): _ = machine.handle(.candidateReady(tick: tick), now: now)
        case .introduce, .stream, .retire: break
        }
        sender.turn(now: now, slotIsFull: false) { _ in true }
        return nil
    }

    private func plan(_ offers: [ChannelOffer], _ needs: [ChannelNeed]) -> String? {
        if machine.phase == .idle {
            _ = machine.handle(.requested(HandoverRequest(owner: "a", candidate: "b", isDryRun: false)), now: now)
            for event in [HandoverEvent.pulled, .verified, .started] { _ = machine.handle(event, now: now) }
        }
        _ = machine.handle(.offered(offers), now: now)
        _ = machine.handle(.needed(needs), now: now)
        if taken % 50 == 0 { machine = HandoverMachine(policy: HandoverPolicy()) }
        do throws(PlanRefusal) {
            let plan = try HandoverPlan(offers: offers, needs: needs, policy: HandoverPolicy())
            guard plan.totalSeconds.isFinite, plan.totalSeconds >= 0, plan.cutBytes >= 0, plan.blockBytes >= 0 else {
                return "A plan has no time or size: \(plan)."
            }
        } catch {
            if !isSentence(error.description) { return "A refusal is no sentence: '\(error.description)'." }
        }
        return nil
    }

    /// The container answers the next sample, whatever state it was given.
    private func answer() -> String? {
        sample.tick += 1
        sample.scheduled_ns = sample.tick * 2_000_000
        let command = container.answer(sample)
        let motors = Motors(command.motor)
        return motors.isCommand ? nil : "The container commands \(motors) on a state that it took."
    }
}

extension da_sample {
    /// Level, at rest.
    fileprivate mutating func quiet() {
        accel = (0, 0, -9.81)
        mode = UInt8(DA_MODE_FLY.rawValue)
    }
}
