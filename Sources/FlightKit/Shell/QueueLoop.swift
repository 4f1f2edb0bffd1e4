internal import CPlatform
internal import Contract
internal import Synchronization

/// The main thread's work: carries the handover queue and writes the command log.
final class QueueLoop {
    /// Waits, ms: while a cut travels, it shall not lie for more than some ticks; else the log sets the pace.
    private static let briskWait = 4
    private static let calmWait = 50
    /// Messages taken before the other duties have their turn.
    private static let turnMax = 16

    private let program: Program
    private let exchange: Exchange
    private let report: Report
    private let link: QueueLink?
    private let log: CommandLog
    private var conversation: Conversation
    /// The newest cut that did not yet find its mailbox empty.
    private var waiting: StateCut?
    private var sender: BlockSender?
    private var receiver: BlockReceiver?
    /// What the present candidate needs.
    private var wanted: [ChannelNeed] = []
    private var faults: UInt64 = 0

    init(_ program: Program, _ exchange: Exchange, directory: String, _ report: Report) {
        self.program = program
        self.exchange = exchange
        self.report = report
        sender = exchange.memory.map { BlockSender($0) }
        receiver = exchange.memory.map { BlockReceiver($0) }
        link = QueueLink(directory: directory)
        log = CommandLog(exchange, directory: directory, report)
        conversation = Conversation(
            name: program.name, version: program.version, offers: program.offers, needs: program.needs)
        if link == nil { report.say("there is no handover queue at \(directory); it flies, but cannot be updated.") }
    }

    /// Until the program is to end and the control thread has ended.
    func run() {
        while !exchange.hasEnded.load(ordering: .acquiring) {
            turn()
        }
        log.finish()
    }

    private func turn() {
        guard let link else {
            da_sleep_until(da_now() &+ UInt64(Self.calmWait) * 1_000_000)
            log.write()
            return
        }
        link.wait(isBrisk ? Self.briskWait : Self.calmWait)
        for _ in 0..<Self.turnMax {
            guard let arrived = link.receive() else { break }
            hear(arrived)
        }
        passCutIn()
        passCutOut(link)
        passBlocks(link)
        let standing = (exchange.stateTick.load(ordering: .acquiring), exchange.isSettled.load(ordering: .relaxed))
        for message in conversation.report(stateTick: standing.0, isSettled: standing.1) { _ = link.send(message) }
        for message in conversation.introduce(now: da_now()) where !link.send(message) {
            conversation.introductionFailed()
            break
        }
        log.write()
    }

    private var isBrisk: Bool {
        exchange.interval.load(ordering: .relaxed) > 0 || waiting != nil || exchange.incoming.isFull
            || receiver?.isLoading == true
    }

    private func hear(_ arrived: Result<QueueMessage, FrameFault>) {
        switch arrived {
        case .failure(let fault):
            faults &+= 1
            if faults == 1 { report.say("the handover queue brought a message that is none. \(fault)") }
        case .success(let message):
            switch conversation.hear(message, now: da_now()) {
            case .stream(let interval): stream(interval)
            case .take(let cut): waiting = cut
            case .want(let needs): wanted = needs
            case .piece(let piece): complain(receiver?.take(piece))
            case .taken(let number): sender?.hear(taken: number)
            case .end: da_stop_request()
            case nil: break
            }
        }
    }

    /// Channels in blocks first: a cut without them would be none.
    private func stream(_ interval: UInt32) {
        if interval > 0 { sender?.start(wanted) } else { sender?.stop() }
        exchange.interval.store(interval, ordering: .releasing)
        if interval == 0 { wanted = [] }
    }

    private func complain(_ sentence: String?) {
        if let sentence { report.say(sentence) }
    }

    private func passCutIn() {
        guard let cut = waiting, !exchange.incoming.isFull else { return }
        switch receiver?.judge(cut) {
        case nil, .whole: break
        case .later: return
        case .useless:
            waiting = nil
            return
        case .unreadable(let complaint):
            waiting = nil
            return refuse(complaint)
        }
        waiting = nil
        _ = exchange.incoming.fill { image in
            if let complaint = program.take(cut, image) {
                refuse(complaint)
                return false
            }
            receiver?.hand(into: image)
            return true
        }
    }

    private func refuse(_ complaint: String) {
        exchange.unreadable.wrappingAdd(1, ordering: .relaxed)
        report.say(complaint)
    }

    /// The shares of channels in blocks that may go now, and what there is to say of those that came.
    private func passBlocks(_ link: QueueLink) {
        sender?.turn(now: da_now(), slotIsFull: exchange.outgoing.isFull) { link.send($0) }
        guard let said = receiver?.turn() else { return }
        complain(said.complaint)
        for message in said.messages { _ = link.send(message) }
    }

    private func passCutOut(_ link: QueueLink) {
        exchange.outgoing.empty { image in
            if image.blockChannels != 0, let delta = image.delta {
                // What it brings is told once, so it waits for room; only with its stream it is over.
                guard sender?.isCutting == true else { return true }
                guard conversation.hasRoom, sender?.give(delta, { link.send($0) }) != false else { return false }
                guard link.send(.cut(whole(image))) else { return false }
                conversation.sent(cutOf: image.tick)
                return true
            }
            if conversation.hasRoom, link.send(.cut(program.cut(image))) { conversation.sent(cutOf: image.tick) }
            return true
        }
    }

    /// The cut with what it says of channels in blocks.
    private func whole(_ image: StateImage) -> StateCut {
        var cut = program.cut(image)
        for (index, channel) in (exchange.memory?.channels ?? []).enumerated()
        where image.blockChannels & (1 << UInt32(index)) != 0 {
            cut.channels.append(
                ChannelState(name: channel.name, schema: channel.schema, lastPiece: sender?.lastPiece ?? 0))
        }
        return cut
    }
}
