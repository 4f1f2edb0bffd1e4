internal import Agent
internal import CPlatform
internal import Glibc

/// `watch` on a terminal: a view that is drawn in place until somebody ends it.
///
/// However it ends or is stopped, the terminal is given back as it was before: the signal is obeyed only then. In the
/// background of its shell it draws nothing.
actor LiveView {
    /// From one look to the next, ns: five a second are as many as a person reads, and each is one reply of the core.
    private static let interval: UInt64 = 200_000_000
    /// How long a terminal that takes nothing (Ctrl-S) is waited for when it is given back, ms.
    private static let patience: Int32 = 1000
    private static let endings = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// On a queue of its own, for a core that hangs is waited for half a second.
    private nonisolated let executor = BlockingExecutor(label: "watch")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let terminal: Terminal
    private let news: AgentNews
    private var reader: LiveReader
    /// Whether the screen is taken.
    private var isShown = false
    /// The size for which it was drawn last; nil: another one may have drawn there since.
    private var drawn: Terminal.Size?

    init(_ terminal: Terminal, core: CoreClient, recordPath: String, news: AgentNews) {
        self.terminal = terminal
        self.news = news
        reader = LiveReader(core: core, recordPath: recordPath)
    }

    /// Draws until a signal ends the process, or the terminal is gone, which is told as the signal that says so.
    func run() {
        let heard = Self.endings + [SIGTSTP, SIGCONT, SIGWINCH]
        _ = da_signals_hear(heard, UInt32(heard.count))
        var next = da_now()
        var reading = LiveReading()
        while true {
            if da_now() >= next {
                reading = reader.look()
                next = da_now() + Self.interval
            }
            (reading.agent, reading.agentFault) = news.newest
            guard draw(reading) else { return end(SIGHUP) }
            let signals = da_signals_await(next)
            if let ending = Self.endings.first(where: { signals & 1 << UInt32($0) != 0 }) { return end(ending) }
            if signals & 1 << UInt32(SIGTSTP) != 0 {
                leave()
                da_signals_obey(SIGTSTP)
            }
            // Behind SIGSTOP, which is not heard, the shell has written there.
            if signals & 1 << UInt32(SIGCONT) != 0 { drawn = nil }
        }
    }

    /// Returns false when the terminal is gone.
    private func draw(_ reading: LiveReading) -> Bool {
        guard let size = terminal.size else { return false }
        guard da_terminal_is_ours(terminal.descriptor) == 1 else {
            drawn = nil
            return true
        }
        // Who has stopped the output reads what stands there.
        guard da_terminal_await_room(terminal.descriptor, 0) == 1 else { return true }
        var text = isShown ? size == drawn ? "" : ScreenText.again : ScreenText.enter
        if !text.isEmpty { _ = da_terminal_hush(terminal.descriptor) }
        (isShown, drawn) = (true, size)
        // One column less than there are, so that no terminal breaks a line.
        let width = size.width - 1
        let lines = watchScreen(reading, width: width, height: size.height)
        text += ScreenText.frame(lines.map { $0.rendered(width: width, hasColours: terminal.hasColours) })
        Output.write(text)
        return true
    }

    private func leave() {
        // In the background another one has it already.
        guard isShown, da_terminal_is_ours(terminal.descriptor) == 1 else { return }
        isShown = false
        if da_terminal_await_room(terminal.descriptor, Self.patience) == 1 { Output.write(ScreenText.leave) }
        _ = da_terminal_restore(terminal.descriptor)
    }

    /// Ends the process as the signal does, so that a shell sees what has ended it.
    private func end(_ signal: Int32) {
        leave()
        da_signals_obey(signal)
    }
}
