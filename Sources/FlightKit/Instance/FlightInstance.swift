public import CContract
public import Contract

/// What became of a state cut.
@frozen
public enum CutOutcome: Equatable, Sendable {
    /// The controller stands on it now.
    case applied
    /// Its sample has not arrived yet; try again after the next.
    case early
    /// Its tick lies before the history, or a sample is missing since; the next cut will do.
    case old
    /// A channel that cannot be read, or a state out of its range.
    case unreadable
    /// This container flies: its state is its own.
    case refusedAsOwner
}

/// Everything that a flight container does between a sample and its command, with time from samples alone.
///
/// Not thread-safe: it belongs to the control thread. `answer`, `apply(_: StateImage)` and `export` do not
/// allocate.
public final class FlightInstance<C: Controller> {
    public let channels: [Channel<C>]
    public let tickRate: Int

    @usableFromInline let memory: BlockMemory?
    @usableFromInline var state: C
    @usableFromInline var standing: Standing
    @usableFromInline var history: History<C>
    @usableFromInline var blend: Blend
    @usableFromInline var lastSample = da_sample.atRest
    @usableFromInline var lastCommand = Motors(repeating: 0)

    @inlinable
    public convenience init(vehicle: da_vehicle, tickRate: Int) {
        self.init(vehicle: vehicle, tickRate: tickRate, memory: BlockMemory.make(for: C.self))
    }

    /// - Parameters:
    ///   - vehicle: the airframe.
    ///   - tickRate: samples a second, Hz.
    ///   - memory: of the controller's channels in blocks; shared with the queue thread.
    @inlinable
    public init(vehicle: da_vehicle, tickRate: Int, memory: BlockMemory?) {
        precondition(tickRate > 0, "A controller needs a tick rate above 0 Hz.")
        let channels = C.channels
        precondition(channels.count <= Int(DA_CHANNELS), "A controller has at most \(DA_CHANNELS) channels.")
        let controller = C(vehicle: vehicle, tickRate: tickRate)
        self.channels = channels
        self.tickRate = tickRate
        self.memory = memory
        state = controller
        let longest = channels.reduce(C.warmUpMilliseconds) { max($0, $1.settleMilliseconds) }
        standing = Standing(settleTicks: UInt64(longest) * UInt64(tickRate) / 1000)
        history = History(
            filledWith: History.Entry(
                sample: .atRest, moment: Moment(seconds: 0, role: .shadow), controller: controller,
                free: Motors(repeating: 0)))
        blend = Blend(tickRate: tickRate)
    }

    deinit { history.deallocate() }

    @inlinable public var controller: C { state }
    @inlinable public var role: Role { standing.role }
    /// Tick of the state cut that the controller stands on; 0: none, it started cold.
    @inlinable public var stateTick: UInt64 { standing.stateTick }
    /// In step, warm, fit to fly.
    @inlinable public var isSettled: Bool { standing.isSettled }

    /// The command that answers `sample`.
    @inlinable
    public func answer(_ sample: da_sample) -> da_command {
        let clean = sample.plausible(after: lastSample)
        let roleBefore = standing.role
        let freeBefore = history.free(at: clean.applied_tick)
        let gap = standing.arrive(clean)
        if let memory, !memory.attend(isShadow: standing.role == .shadow) { standing.fall() }
        let moment = Moment(
            seconds: Float(gap) / Float(tickRate), role: standing.role, blocks: memory?.set ?? .none)
        let free = bounded(state.step(clean, moment))
        history.append(History.Entry(sample: clean, moment: moment, controller: state, free: free))
        if moment.role == .owner && roleBefore != .owner {
            blend.begin(applied: Motors(clean.applied), own: freeBefore, faultIsPossible: roleBefore == .standby)
        }
        if moment.role != .owner || clean.mode < UInt8(DA_MODE_TAKEOFF.rawValue) { blend.end() }
        let isTracking = blend.isActive
        let motors = blend.command(free)
        lastSample = clean
        lastCommand = motors

        var command = da_command.make()
        command.tick = sample.tick
        command.sample_ns = sample.scheduled_ns
        command.epoch = sample.your_epoch
        command.state_tick = stateTick
        command.motor = motors.array
        command.free = free.array
        if isSettled { command.flags |= UInt32(DA_COMMAND_SETTLED.rawValue) }
        if isTracking { command.flags |= UInt32(DA_COMMAND_TRACKING.rawValue) }
        return command
    }

    /// Puts the owner's state of an earlier tick under the controller and replays the samples since, so that
    /// the same code then stands bit for bit where the owner stands. Call it between two samples.
    @inlinable
    public func apply(_ image: StateImage) -> CutOutcome {
        guard role != .owner else { return .refusedAsOwner }
        guard history.count > 0, image.tick <= history.newest else { return .early }
        let isFirst = stateTick == 0
        // What changed is told once: the memory goes on from cut to cut, also where the controller cannot follow.
        if image.bringsBlocks, let memory, let delta = image.delta {
            memory.accept(delta)
            standing.fall()
        }
        guard let start = history.entry(at: image.tick) else { return .old }
        var candidate = start.pointee.controller
        var settleTicks: UInt64 = 0
        for index in channels.indices {
            let entry = image.entries[index]
            if entry.schema == 0 {
                let ticks = UInt64(channels[index].settleMilliseconds) * UInt64(tickRate) / 1000
                settleTicks = max(settleTicks, ticks)
            } else if channels[index].kind == .replicate || isFirst {
                let bytes = UnsafeRawBufferPointer(rebasing: image.memory[entry.offset..<entry.offset + entry.bytes])
                guard channels[index].read(&candidate, entry.schema, bytes) else { return .unreadable }
            }
        }
        start.pointee.controller = candidate
        var tick = image.tick
        while tick < history.newest {
            tick &+= 1
            let entry = history.slot(tick)
            entry.pointee.moment.role = .shadow
            entry.pointee.free = bounded(candidate.step(entry.pointee.sample, entry.pointee.moment))
            entry.pointee.controller = candidate
        }
        state = candidate
        standing.stand(on: image.tick, settleTicks: settleTicks)
        return .applied
    }

    /// Copies the state as of the last sample answered into `image`, all channels that are sent.
    ///
    /// - Returns: false if there can be no cut now, because most blocks of a large channel are still on their way.
    @discardableResult
    @inlinable
    public func export(into image: StateImage) -> Bool {
        if let memory, let delta = image.delta {
            guard let given = memory.give(into: delta) else { return false }
            image.blockChannels = given
        }
        image.tick = history.newest
        var end = 0
        withUnsafeBytes(of: state) { whole in
            for index in channels.indices {
                let channel = channels[index]
                guard channel.kind != .observe, end + channel.bytes <= image.memory.count else {
                    image.entries[index] = StateImage.Entry(schema: 0, offset: 0, bytes: 0)
                    continue
                }
                let bytes = UnsafeRawBufferPointer(rebasing: whole[channel.offset..<channel.offset + channel.bytes])
                UnsafeMutableRawBufferPointer(rebasing: image.memory[end...]).copyMemory(from: bytes)
                image.entries[index] = StateImage.Entry(schema: channel.schema, offset: end, bytes: channel.bytes)
                end += channel.bytes
            }
        }
        return true
    }

    /// Within 0...1; where the controller gives no number, the last command stands.
    @inlinable
    func bounded(_ motors: Motors) -> Motors {
        var result = motors
        for index in 0..<4 {
            result[index] = motors[index].isFinite ? clamp(motors[index], 0, 1) : lastCommand[index]
        }
        return result
    }
}

extension FlightInstance {
    /// The state as of the last sample answered, as a message's content. Allocates; for tests and the bench.
    public func cut() -> StateCut {
        let image = StateImage()
        export(into: image)
        return image.cut(for: channels)
    }

    /// Takes in a message's content. Allocates; for tests and the bench.
    public func apply(_ cut: StateCut) -> CutOutcome {
        let image = StateImage()
        guard image.take(cut, for: channels) == nil else { return .unreadable }
        return apply(image)
    }
}
