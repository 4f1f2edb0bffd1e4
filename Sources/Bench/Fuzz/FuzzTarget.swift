/// A decoder and what stands behind it, as it meets inputs from outside.
package protocol FuzzTarget: AnyObject {
    /// A valid input for the present state.
    func valid(_ mutation: inout Mutation) -> [UInt8]
    /// Makes a changed input right again where a check would keep it from what lies behind: lengths, checksums.
    func repaired(_ bytes: [UInt8]) -> [UInt8]
    /// Takes one input in.
    ///
    /// - Returns: what is wrong with how it was taken, in one sentence; nil: nothing.
    func feed(_ bytes: [UInt8]) -> String?
}

/// What can be fuzzed.
package enum FuzzKind: String, CaseIterable, Sendable {
    /// A container's commands on the tick socket, into the arbiter.
    case command
    /// Messages of the handover queue, into containers, the machine and the plan.
    case queue
    /// The compiled board file, into what the core builds from it.
    case board
    /// The board file as a person writes it.
    case yaml
    /// The registry's manifests and image configurations.
    case manifest
    case config
    /// Lines of the engine's pull.
    case pull
    /// What a user calls an image, and requests on the agent's socket.
    case reference
    case request
    /// Requests on the core's control socket.
    case control
    /// What core and agent find of themselves: the epochs on disk, the kept flight, the journal.
    case epochs
    case kept
    case journal

    /// Inputs in a run of a million: the slow ones get fewer, and behind them stands less.
    package func share(of inputs: Int) -> Int {
        switch self {
        case .command, .queue: inputs
        case .reference, .request, .pull, .config, .manifest, .control, .kept: max(1, inputs / 10)
        case .board, .yaml, .epochs: max(1, inputs / 50)
        case .journal: max(1, inputs / 500)
        }
    }

    package func makeTarget() -> any FuzzTarget {
        switch self {
        case .command: CommandTarget()
        case .queue: QueueTarget()
        case .board: BoardTarget()
        case .yaml: TextTarget.yaml()
        case .manifest: TextTarget.manifest()
        case .config: TextTarget.config()
        case .pull: TextTarget.pull()
        case .reference: TextTarget.reference()
        case .request: TextTarget.request()
        case .control: ControlTarget()
        case .epochs: EpochTarget()
        case .kept: KeptTarget()
        case .journal: JournalTarget()
        }
    }
}

/// Whether a refusal tells a person something: one line, with an end.
func isSentence(_ text: String) -> Bool {
    !text.isEmpty && !text.contains("\n") && (text.hasSuffix(".") || text.hasSuffix(")") || text.hasSuffix("?"))
}
