import CBoard
import CContract
import CPlatform
import Glibc
import Testing

/// A transfer that hangs costs its caller no more than the deadline. In a process of its own: a guard's thread lives
/// as long as its process.
@Suite struct GuardTests {
    @Test func aHungTransferIsGivenUp() async {
        await #expect(processExitsWith: .success) {
            // Register 1 hangs for 300 ms, the others answer with their number.
            var inner = da_bus(
                context: nil,
                read: { _, _, register, bytes, count in
                    if register == 1 { usleep(300_000) }
                    for index in 0..<Int(count) { bytes[index] = register }
                    return 0
                }, write: { _, _, _, _, count in count == 3 ? -121 : 0 })
            var bus = inner
            #expect(da_bus_guard(&bus, &inner, 0, -1) == 0)
            var bytes = [UInt8](repeating: 0, count: 4)
            func read(_ register: UInt8, within milliseconds: UInt64) -> Int32 {
                da_bus_guard_deadline(&bus, da_now() + milliseconds * 1_000_000)
                return da_bus_read(&bus, 0x68, register, &bytes, 4)
            }
            #expect(read(7, within: 5000) == 0 && bytes == [7, 7, 7, 7])
            #expect(read(1, within: 5) == -ETIMEDOUT && bytes == [7, 7, 7, 7], "nothing is written behind its back")
            #expect(read(8, within: 5) == -EBUSY)
            da_sleep_until(da_now() + 600_000_000)
            #expect(read(9, within: 5000) == 0 && bytes == [9, 9, 9, 9])
            #expect(read(5, within: 0) == -ECANCELED && bytes == [9, 9, 9, 9], "its tick is over: it does not begin")
            #expect(read(6, within: 5000) == 0 && bytes == [6, 6, 6, 6])
            da_bus_guard_deadline(&bus, da_now() + 5_000_000_000)
            #expect(da_bus_write(&bus, 0x41, 6, bytes, 3) == -EREMOTEIO)
            #expect(
                da_bus_write(&bus, 0x41, 6, bytes, 0) == -EINVAL && da_bus_write(&bus, 0x41, 6, bytes, 33) == -EINVAL)
        }
    }
}
