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
    private var faults: UInt64 = 0

    init(_ program: Program, _ exchange: Exchange, directory: String, _ report: Report) {
        self.program = program
        self.exchange = exchange
        self.report = report
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
    }

    private func hear(_ arrived: Result<QueueMessage, FrameFault>) {
        switch arrived {
        case .failure(let fault):
            faults &+= 1
            if faults == 1 { report.say("the handover queue brought a message that is none. \(fault)") }
        case .success(let message):
            switch conversation.hear(message, now: da_now()) {
            case .stream(let interval): exchange.interval.store(interval, ordering: .relaxed)
            case .take(let cut): waiting = cut
            case .end: da_stop_request()
            case nil: break
            }
        }
    }

    private func passCutIn() {
        guard let cut = waiting, !exchange.incoming.isFull else { return }
        waiting = nil
        _ = exchange.incoming.fill { image in
            guard let complaint = program.take(cut, image) else { return true }
            exchange.unreadable.wrappingAdd(1, ordering: .relaxed)
            report.say(complaint)
            return false
        }
    }

    private func passCutOut(_ link: QueueLink) {
        exchange.outgoing.empty { image in
            if conversation.hasRoom, link.send(.cut(program.cut(image))) { conversation.sent(cutOf: image.tick) }
            return true
        }
    }
}
