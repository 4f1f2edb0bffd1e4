package import CContract
import CPlatform
import Contract
package import Simulator

/// The scripted pilot at the core's control socket, in real time, on a thread of its own.
package final class LivePilot: @unchecked Sendable {
    /// ns between two frames: 50 Hz, as a receiver's.
    private static let pause: UInt64 = 20_000_000

    private let control: CoreControl
    private let script: ScriptedPilot
    private let begin: UInt64

    /// - Throws: `BenchFault` when the core does not listen.
    package init(_ socket: String, _ script: ScriptedPilot) throws(BenchFault) {
        control = try CoreControl(socket)
        self.script = script
        begin = da_now()
    }

    /// s since the start.
    package var seconds: Double { Double(da_now() - begin) / 1e9 }

    /// Sends frames while `goes`, asked after each with the time since the start (s) and the core's status, says so.
    ///
    /// - Throws: `BenchFault` when the core stops answering or the vehicle does not arm.
    package func fly(while goes: (Double, da_status) throws(BenchFault) -> Bool) throws(BenchFault) {
        var next = da_now()
        while true {
            let ask = script.ask(at: seconds)
            let reply = try control.ask(.pilot, setpoint: ask.setpoint)
            try wish(ask.wish, reply.status)
            guard try goes(seconds, reply.status) else { return }
            next += Self.pause
            da_sleep_until(next)
        }
    }

    private func wish(_ wish: PilotWish, _ status: da_status) throws(BenchFault) {
        switch (wish, FlightMode(rawValue: status.mode)) {
        case (.arm, .disarmed): lastRefusal = text(try control.ask(.arm).text)
        case (.takeoff(let height), .armed): _ = try control.ask(.takeoff, value: height)
        case (.takeoff, .disarmed): throw BenchFault("The vehicle did not arm: \(lastRefusal)")
        case (.land, .fly): _ = try control.ask(.land)
        default: break
        }
    }
    private var lastRefusal = ""
}
