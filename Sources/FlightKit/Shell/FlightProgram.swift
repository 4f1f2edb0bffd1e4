internal import CPlatform
internal import Glibc

/// A flight container's whole program: `FlightProgram.run(MyController.self)`.
///
/// The control thread answers samples; the main thread carries the handover queue and the command log. They
/// share nothing but single-slot mailboxes, a ring and a few atomic numbers. SIGTERM and the agent's RETIRE
/// end it: the log is drained and the status is 0.
public enum FlightProgram {
    /// Runs until it is told to end. Directory: `FLIGHT_DIRECTORY`, or /run/flight.
    @inlinable
    public static func run<C: Controller>(_: C.Type) -> Never {
        run(Program(C.self))
    }

    @usableFromInline
    static func run(_ program: Program) -> Never {
        da_stop_on_signals()
        let directory = getenv("FLIGHT_DIRECTORY").map { String(cString: $0) } ?? "/run/flight"
        let report = Report(name: program.name)
        if da_memory_lock() != 0 {
            report.say("memory cannot be locked; a page fault may delay a command.")
        }
        let exchange = Exchange(program.memory())
        let control = ControlThread(program, exchange, directory: directory, report)
        guard control.start() else {
            report.say("the control thread cannot be started; give the container at least 4 threads.")
            exit(1)
        }
        QueueLoop(program, exchange, directory: directory, report).run()
        control.join()
        exit(0)
    }
}
