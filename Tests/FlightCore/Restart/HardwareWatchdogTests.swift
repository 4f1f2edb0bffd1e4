import FlightCore
import Testing

/// On a plain file in the device's place: what a driver would be told, byte by byte. It has no time to set, as some
/// drivers have none.
@Suite struct HardwareWatchdogTests {
    private let folder = Folder()

    private func device() -> String { folder.write("fake-watchdog", []) }
    private var told: String { String(decoding: folder.read("fake-watchdog"), as: UTF8.self) }

    @Test func onTheGroundItStaysClosed() {
        var watchdog = HardwareWatchdog(path: device())
        for tick in UInt64(1)...10 { watchdog.look(isFlying: false, tick: tick, now: tick * HardwareWatchdog.pause) }
        let isArmed = watchdog.isArmed
        #expect(!isArmed && told.isEmpty)
    }

    @Test func itIsFedInFlightAndDisarmedBehindIt() {
        var watchdog = HardwareWatchdog(path: device())
        for look in UInt64(1)...30 {
            watchdog.look(isFlying: true, tick: look, now: look * HardwareWatchdog.pause / 10)
        }
        let isArmed = watchdog.isArmed
        #expect(isArmed && told == "ff", "once in a pause, not at each look")
        watchdog.look(isFlying: false, tick: 31, now: 31 * HardwareWatchdog.pause / 10)
        let isArmedBehind = watchdog.isArmed
        #expect(!isArmedBehind && told == "ffV", "the magic close, or the machine would be reset on the ground")
    }

    @Test func withoutTicksItGetsNothing() {
        var watchdog = HardwareWatchdog(path: device())
        watchdog.look(isFlying: true, tick: 7, now: 1)
        for look in UInt64(1)...20 { watchdog.look(isFlying: true, tick: 7, now: look * HardwareWatchdog.pause) }
        let isArmed = watchdog.isArmed
        #expect(isArmed && told.isEmpty)
        watchdog.look(isFlying: true, tick: 8, now: 21 * HardwareWatchdog.pause)
        #expect(told == "f")
    }

    @Test func anOrderlyEndDisarmsIt() {
        do {
            var watchdog = HardwareWatchdog(path: device())
            watchdog.look(isFlying: true, tick: 1, now: 1)
        }
        #expect(told == "V")
    }

    @Test func theFlightGoesOnWithoutOne() {
        var watchdog = HardwareWatchdog(path: folder.path + "/absent")
        for look in UInt64(1)...20 { watchdog.look(isFlying: true, tick: look, now: look * HardwareWatchdog.pause) }
        let isArmed = watchdog.isArmed
        #expect(!isArmed)
    }
}
