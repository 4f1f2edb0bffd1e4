package import CBoard
import CContract
import CPlatform
import Contract
import Glibc

/// The real-time shell around `FlightTick`: absolute deadlines, sockets, rings. One thread, no lock, no allocation.
package final class TickLoop: @unchecked Sendable {
    /// Messages taken from one socket in one tick: a flood must not hold the tick.
    private static let messagesPerTick = 4
    /// Requests taken between two ticks.
    private static let requestsPerTick = 8
    /// Ticks by which every page that a tick touches has been touched.
    private static let warmTicks: UInt64 = 250
    /// Records kept for the recorder: 4 s at 500 Hz, far beyond a slow disk's pause of some 100 ms.
    private static let recordCapacity = 2048

    private var tick: FlightTick
    private let guards: [da_bus]
    private let periodNanoseconds: UInt64
    private let deadlineNanoseconds: UInt64
    private var descriptors = InlineArray<4, Int32>(repeating: -1)

    package let requests = Ring(capacity: 64, filler: LoopRequest())
    package let answers = Ring(capacity: 64, filler: LoopAnswer())
    /// Descriptors that the tick has let go of; closing may take time and is the control server's.
    package let released = Ring(capacity: 64, filler: (slot: 0, descriptor: Int32(-1)))
    package let records: Ring<TickRecord>
    package let status = Latest(da_status())
    /// Records that the recorder was too slow for; none without a recorder.
    private var recordsLost: UInt64 = 0
    private let isRecorded: Bool
    /// Of the tick before, until the shadows' answers are in.
    private var unfinished: TickRecord?
    /// For the core behind this one; nil: nobody supervises.
    private let kept: KeptFlight?

    /// `guards` are the guarded buses whose deadline follows the tick. A `tick` that has taken up a flight goes on
    /// with its numbers and on its grid.
    package init(_ tick: consuming FlightTick, guards: [da_bus], kept: KeptFlight? = nil, isRecorded: Bool = false) {
        let board = tick.board
        periodNanoseconds = 1_000_000_000 / UInt64(max(1, board.tick_rate))
        deadlineNanoseconds = UInt64(clamp(board.command_deadline, 0, 1) * 1e9)
        records = Ring(capacity: Self.recordCapacity, filler: TickRecord(sample: da_sample()))
        self.guards = guards
        self.kept = kept
        self.isRecorded = isRecorded
        self.tick = tick
    }

    /// Runs until a stop is requested.
    package func run() {
        // To a flight that was taken up, the crash was a sleep.
        var number = tick.tick
        var start = number > 0 ? tick.scheduled + periodNanoseconds : da_now() + 10 * periodNanoseconds
        var faultsBefore: UInt64?
        var warm: UInt64 = 0
        while da_stop_requested() == 0 {
            if faultsBefore == nil, warm >= Self.warmTicks { faultsBefore = da_memory_faults() }
            da_sleep_until(start)
            // A tick that the machine slept through is skipped and counted, never made up in a burst (supports
            // invariant 2).
            let late = da_now() &- start
            let skipped = late < periodNanoseconds ? 0 : late / periodNanoseconds
            start &+= skipped &* periodNanoseconds
            number &+= 1 &+ skipped
            warm &+= 1
            step(number, at: start, skipped: skipped)
            start &+= periodNanoseconds
        }
        finishRecord()
        if let faultsBefore {
            say(
                "\(number) ticks, \(da_memory_faults() &- faultsBefore) page faults of the tick in flight, \(recordsLost) records lost."
            )
        }
    }

    private func step(_ number: UInt64, at start: UInt64, skipped: UInt64) {
        kept?.beat(da_now())
        // Transfers are waited for until the next tick begins.
        setTransferDeadline(start &+ periodNanoseconds)
        for slot in 0..<Arbiter.slotCount { _ = drain(slot) }
        finishRecord()
        takeRequests()
        tick.open(number, at: start, skipped: skipped)
        kept?.keepChange(tick, now: da_now())
        tick.sense()
        let owner = tick.arbiter.owner
        if owner >= 0 { send(owner) }
        let published = da_now()
        let deadline = start &+ deadlineNanoseconds
        // The owner's answer is waited for, the others' are compared behind the tick: they get the sample when the motors
        // have theirs, so that a candidate or a standby costs the owner nothing. When the owner is slow they get it in the
        // middle of its time, and are asked whether they would have been in time (`Arbiter.choose`).
        awaitOwner(until: published < deadline ? published &+ (deadline &- published) / 2 : deadline)
        let isSlow = !tick.isAnswered
        if isSlow {
            publish(except: owner)
            awaitOwner(until: deadline)
        }
        let commanded = da_now()
        tick.actuate()
        kept?.keep(tick, now: da_now())
        if !isSlow { publish(except: owner) }
        if isRecorded { unfinished = tick.record(published: published, commanded: commanded) }
        tick.takeTurn()
        status.write(tick.status())
    }

    private func finishRecord() {
        guard var record = unfinished else { return }
        unfinished = nil
        tick.addShadows(to: &record)
        if !records.push(record) { recordsLost &+= 1 }
    }

    private func setTransferDeadline(_ deadline: UInt64) {
        for bus in guards { withUnsafePointer(to: bus) { da_bus_guard_deadline($0, deadline) } }
    }

    // MARK: Instances

    private func publish(except owner: Int) {
        for slot in 0..<Arbiter.slotCount where slot != owner { send(slot) }
    }

    private func send(_ slot: Int) {
        guard descriptors[slot] >= 0 else { return }
        var sample = tick.sample(for: slot)
        let sent = da_packet_send(descriptors[slot], &sample, UInt32(MemoryLayout<da_sample>.size))
        if sent == -EAGAIN {
            tick.arbiter.countDropped(slot)
        } else if sent < 0 {
            release(slot)
        }
    }

    private func awaitOwner(until deadline: UInt64) {
        // Bound: the deadline, and each socket's messages of one tick. One that has used them up is not waited for: else a
        // flood keeps this thread awake, and on its CPU the owner gets no time to answer.
        var taken = InlineArray<4, Int>(repeating: 0)
        while !tick.isAnswered {
            guard da_now() < deadline else { return }
            var waited = descriptors
            for slot in 0..<Arbiter.slotCount where taken[slot] >= Self.messagesPerTick { waited[slot] = -1 }
            var span = waited.mutableSpan
            let ready = span.withUnsafeMutableBufferPointer { buffer in
                buffer.baseAddress.map { da_wait_readable($0, 4, deadline) } ?? 0
            }
            guard ready > 0 else { return }
            for slot in 0..<Arbiter.slotCount where ready & (1 << Int64(slot)) != 0 {
                taken[slot] &+= drain(slot)
            }
        }
    }

    /// Takes what one instance has sent; gives how many messages that were.
    private func drain(_ slot: Int) -> Int {
        guard descriptors[slot] >= 0 else { return 0 }
        var command = da_command()
        let size = UInt32(MemoryLayout<da_command>.size)
        for count in 0..<Self.messagesPerTick {
            let got = da_packet_receive(descriptors[slot], &command, size)
            if got == -EAGAIN { return count }
            guard got > 0 else {
                release(slot)
                return count
            }
            if UInt32(got) == size, command.header.fault(kind: .command, arrived: Int(got)) == nil {
                _ = tick.take(command, from: slot)
            } else {
                _ = tick.arbiter.refuse(slot)
            }
        }
        return Self.messagesPerTick
    }

    private func release(_ slot: Int) {
        let descriptor = descriptors[slot]
        descriptors[slot] = -1
        tick.arbiter.disconnect(slot)
        // Room is certain: fewer descriptors exist than the ring holds.
        _ = released.push((slot: slot, descriptor: descriptor))
    }

    // MARK: Requests

    private func takeRequests() {
        for _ in 0..<Self.requestsPerTick {
            guard let request = requests.pop() else { return }
            var answer = LoopAnswer()
            answer.serial = request.serial
            answer.refusal = carryOut(request)
            _ = answers.push(answer)
        }
    }

    private func carryOut(_ request: LoopRequest) -> Refusal {
        let slot = request.slot
        switch request.kind {
        case .listen: tick.arbiter.listen(slot)
        case .connect:
            descriptors[slot] = request.descriptor
            tick.arbiter.connect(slot, pid: request.pid)
        case .detach:
            guard slot != tick.arbiter.owner else { return .isOwner }
            if descriptors[slot] >= 0 { release(slot) }
            tick.arbiter.detach(slot)
        case .reserved: tick.arbiter.extendReserve(to: request.epoch)
        case .operation: return tick.perform(request)
        }
        return .none
    }
}
