package import CContract

/// What the control server asks of the tick; it is taken between two ticks.
package struct LoopRequest: Sendable {
    package enum Kind: UInt8, Sendable {
        /// An operation of the contract (`operation`).
        case operation
        /// An instance said hello: serve it on `descriptor`.
        case connect
        case listen
        case detach
        /// Epochs up to `epoch` are on disk.
        case reserved
    }

    package var kind = Kind.operation
    /// Echoed in the answer.
    package var serial: UInt64 = 0
    /// `enum da_operation`.
    package var operation: UInt32 = 0
    package var slot = 0
    package var descriptor: Int32 = -1
    package var pid: Int32 = 0
    package var isForced = false
    /// Of a take-off: height above the place of arming, m.
    package var value: Float = 0
    /// Of a switch: ticks within which it must come.
    package var ticks: UInt32 = 0
    package var setpoint = da_setpoint()
    package var epoch: UInt64 = 0

    package init() {}

    /// The operation that a frame asks for; whom it names is the server's to find.
    package init(_ request: da_request) {
        operation = request.operation
        isForced = request.flags & UInt32(DA_REQUEST_FORCE.rawValue) != 0
        value = request.value
        ticks = request.ticks
        setpoint = request.setpoint
    }
}

/// What the tick says to a request, between two ticks.
package struct LoopAnswer: Sendable {
    package var serial: UInt64 = 0
    package var refusal = Refusal.none

    package init() {}
}
