import CPlatform
import Contract
import Glibc

/// The machine's own watchdog, which resets it when nobody feeds it: for a kernel that hangs in the air, while the
/// motors go on with their last pulses.
///
/// It is armed only while the vehicle is: on the ground a reset helps nobody. Fed by a thread below the tick, and only
/// while ticks go on. A core that crashes leaves it armed; its successor, which takes up the flight within some 10 ms,
/// opens it anew.
package struct HardwareWatchdog: ~Copyable {
    /// s without food until the machine is reset: ten times the longest restart of the core, and less than a vehicle
    /// needs to fly far.
    package static let seconds: UInt32 = 3
    /// ns between two feeds.
    package static let pause: UInt64 = 200_000_000
    /// ns between two attempts to arm it.
    private static let retry: UInt64 = 10_000_000_000

    private let path: String
    private var device: Int32 = -1
    private var fedAt: UInt64 = 0
    private var fedTick: UInt64 = 0
    private var refusedAt: UInt64?

    /// `path`: such as /dev/watchdog.
    package init(path: String) { self.path = path }

    deinit { if device >= 0 { _ = da_watchdog_disarm(device) } }

    package var isArmed: Bool { device >= 0 }

    /// Arms, feeds or disarms it. Call it more often than `pause`.
    ///
    /// - Parameters:
    ///   - isFlying: whether the vehicle is armed.
    ///   - tick: number of the core's last tick.
    ///   - now: ns.
    package mutating func look(isFlying: Bool, tick: UInt64, now: UInt64) {
        guard isFlying else { return disarm() }
        guard device >= 0 else { return arm(tick, now) }
        guard now &- fedAt >= Self.pause, tick != fedTick else { return }
        _ = da_watchdog_feed(device)
        (fedAt, fedTick) = (now, tick)
    }

    private mutating func arm(_ tick: UInt64, _ now: UInt64) {
        if let refusedAt, now &- refusedAt < Self.retry { return }
        let opened = da_watchdog_arm(path, Self.seconds)
        guard opened >= 0 else {
            if refusedAt == nil {
                say(
                    "the hardware watchdog \(path) cannot be armed (\(reason(opened))); the flight goes on without it. Does systemd hold it (RuntimeWatchdogSec=)?",
                    as: .warning)
            }
            refusedAt = now
            return
        }
        (device, fedAt, fedTick, refusedAt) = (opened, now, tick, nil)
    }

    private mutating func disarm() {
        guard device >= 0 else { return }
        let result = da_watchdog_disarm(device)
        device = -1
        if result < 0 {
            say("the hardware watchdog \(path) could not be disarmed: \(reason(result)).", as: .warning)
        }
    }
}
