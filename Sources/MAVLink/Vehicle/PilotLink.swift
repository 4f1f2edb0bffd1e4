/// Who holds the pilot's link: the core arms only while somebody sends setpoints, and lands the vehicle when they stop.
///
/// A station's MANUAL_CONTROL goes on to the core once, frame by frame: nothing is repeated, so that a stick whose frames stop
/// coming is noticed by the core itself, by its `pilot_timeout`. A station that armed and sends no MANUAL_CONTROL holds the
/// link with level setpoints as long as its heartbeats come.
package struct PilotLink: Sendable {
    /// Between two level setpoints, ms: a fifth of the core's usual time-out.
    private static let levelPause: UInt64 = 100
    /// A station whose heartbeat, once a second, is missing for so long, ms, holds nothing any more.
    package static let heartbeatLimit: UInt64 = 3000
    /// A pilot's seat is free when nothing came from it for so long, ms.
    package static let seatLimit: UInt64 = 1000
    /// Between two frames that go on to the core, ms: 50 Hz, as a receiver's. Of those between the newest goes on.
    package static let framePause: UInt64 = 20
    /// Until the core's status shows what a station has armed, ms.
    private static let armedDelay: UInt64 = 1000
    /// At the end of a stick: rad, rad/s, m/s. The core limits each again to what its board allows.
    package static let tilt: Float = 35 * .pi / 180
    package static let yawRate: Float = 90 * .pi / 180
    package static let climb: Float = 1.5
    /// An axis that says that it is not used.
    private static let unused = Int16.max

    /// The pilot at the sticks.
    private struct Seat {
        var sender: Sender
        /// ms.
        var frame: UInt64
        /// Not sent to the core yet.
        var waiting: Order.Setpoint?
        /// When the last one went on, ms; nil: none did.
        var sent: UInt64?
    }

    private var seat: Seat?
    /// The station that armed, when it did, and its last heartbeat, ms.
    private var holder: (sender: Sender, armed: UInt64, heartbeat: UInt64)?
    private var levelSent: UInt64 = 0

    package init() {}

    /// Why a frame is not taken.
    package enum Fault: Error, Equatable, Sendable {
        case range
        case taken
    }

    /// Whether a station has the sticks.
    package var isFlownByHand: Bool { seat != nil }

    /// A station has armed: it holds the link from now on.
    package mutating func arm(by sender: Sender, at time: UInt64) {
        holder = (sender, time, time)
        levelSent = time
    }

    package mutating func hear(heartbeat sender: Sender, at time: UInt64) {
        if holder?.sender == sender { holder?.heartbeat = time }
    }

    /// - Throws: `Fault` for a frame that is out of range, or while another station has the sticks.
    package mutating func take(
        _ message: Dialect.ManualControl, from sender: Sender, at time: UInt64
    ) throws(Fault) {
        let setpoint = try Self.setpoint(message)
        if let seat, seat.sender != sender, time < seat.frame + Self.seatLimit { throw .taken }
        seat = Seat(sender: sender, frame: time, waiting: setpoint, sent: seat?.sent)
    }

    /// What is to be sent to the core now; nil: nothing. `isArmed` is the core's word.
    package mutating func order(isArmed: Bool, at time: UInt64) -> Order? {
        if !isArmed {
            if let holder, time > holder.armed + Self.armedDelay { self.holder = nil }
            if let seat, time > seat.frame + Self.seatLimit { self.seat = nil }
        }
        if let seat {
            // Who has taken the sticks in this flight has them until it ends; their silence is not covered up.
            guard let setpoint = seat.waiting, seat.sent.map({ time >= $0 + Self.framePause }) ?? true else {
                return nil
            }
            self.seat?.waiting = nil
            self.seat?.sent = time
            return .pilot(setpoint)
        }
        guard let holder, time < holder.heartbeat + Self.heartbeatLimit, time >= levelSent + Self.levelPause else {
            return nil
        }
        levelSent = time
        return .pilot(.level)
    }

    /// Sticks run from -1000 to 1000: x forward, y right, r clockwise; z is the thrust, 0 to 1000, whose middle holds the
    /// height.
    private static func setpoint(_ message: Dialect.ManualControl) throws(Fault) -> Order.Setpoint {
        let forward = try stick(message.x)
        let right = try stick(message.y)
        let turn = try stick(message.r)
        let thrust = message.z == unused ? 0.5 : try stick(message.z)
        guard thrust >= 0 else { throw .range }
        return Order.Setpoint(
            roll: right * tilt, pitch: -forward * tilt, yawRate: turn * yawRate, climb: (thrust - 0.5) * 2 * climb)
    }

    private static func stick(_ value: Int16) throws(Fault) -> Float {
        if value == unused { return 0 }
        guard (-1000...1000).contains(value) else { throw .range }
        return Float(value) / 1000
    }
}
