import Bench
import Testing

/// When faults begin and end.
@Suite struct ChaosScheduleTests {
    @Test func aFaultComesAndGoes() {
        var schedule = ChaosSchedule([ChaosFault(.delay, on: .queue, strength: 0.6, every: 10, lasts: 3)])
        #expect(schedule.moves(at: 9.9).isEmpty)
        #expect(schedule.moves(at: 10.01) == [.init(fault: 0, begins: true)])
        #expect(schedule.moves(at: 12.9).isEmpty && schedule.isActive == [true])
        #expect(schedule.moves(at: 13.01) == [.init(fault: 0, begins: false)])
        #expect(schedule.moves(at: 20) == [.init(fault: 0, begins: true)])
        #expect(schedule.end() == [.init(fault: 0, begins: false)])
        #expect(schedule.end().isEmpty)
    }

    @Test func aKillIsOverAtOnce() {
        var schedule = ChaosSchedule([ChaosFault(.kill, on: .agent, every: 5)])
        #expect(schedule.moves(at: 5) == [.init(fault: 0, begins: true)])
        #expect(schedule.moves(at: 5.1).isEmpty && schedule.isActive == [false])
    }

    /// A fault that lasts as long as its pause ends and begins anew; what was slept through comes once.
    @Test func oneThatNeverRestsBeginsAnew() {
        var schedule = ChaosSchedule([ChaosFault(.hang, on: .engine, every: 2, lasts: 2)])
        #expect(schedule.moves(at: 2) == [.init(fault: 0, begins: true)])
        #expect(schedule.moves(at: 9) == [.init(fault: 0, begins: false), .init(fault: 0, begins: true)])
    }
}
