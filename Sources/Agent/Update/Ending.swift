internal import CContract
internal import Contract
internal import Handover
internal import Logging

/// The two ends of an update. The core's word decides who is stopped: between the machine's last look and now
/// it may have switched or taken the way back (supports invariant 10).
extension FlightAgent {
    /// Looks, 50 ms apart, in which the core must answer or give the motors back: 2 s.
    private static let looks = 40
    private static let pause = Duration.milliseconds(50)

    /// What the core says now; nil: it does not answer.
    func coreWord() -> CoreWord? { (try? core.status()).map(CoreWord.init) }

    /// After the probation: the old container ends, unless it owns all the same.
    func stopOld(_ request: HandoverRequest) async {
        for _ in 0..<Self.looks {
            // It commits at a tick boundary, so the word of the moment in which it was asked says nothing.
            await wait()
            switch Ending.old(request.owner, coreWord()) {
            case .stop:
                await stopInstance(request.owner)
                return
            case .keep:
                run?.overruled = .rolledBack(
                    "The core gave control back to the old version at the end of the probation.")
                try? journal.setRole(.owner, of: request.owner)
                raise(request.owner, .proven)
                await stopInstance(request.candidate)
                return
            case .askCommit: ask(.operation(.commit))
            case .wait, .askCancel, .askRollback: break
            }
        }
        run?.overruled = .rollbackFailed(
            "The core does not answer or does not commit, so neither container was stopped yet; look at 'droneagent status'."
        )
    }

    /// When an update is undone: the candidate's container ends, after it has given the motors back.
    func stopCandidate(_ request: HandoverRequest) async {
        for _ in 0..<Self.looks {
            switch Ending.candidate(request.candidate, coreWord()) {
            case .stop:
                await stopInstance(request.candidate)
                return
            case .askRollback:
                run?.overruled = .rolledBack(
                    "The core had switched already; control was given back to the old version.")
                ask(.operation(.rollback))
            case .askCancel: ask(.operation(.cancel))
            case .wait, .askCommit, .keep: break
            }
            await wait()
        }
        run?.overruled = .rollbackFailed(
            "The new version could not be taken off the motors, so it was not stopped yet; look at 'droneagent status'."
        )
    }

    /// Not cut short by a cancellation: what ends an update always comes to its end.
    func wait() async { await Task { try? await Task.sleep(for: Self.pause) }.value }
}

extension CoreWord {
    init(_ status: da_status) {
        self.init(
            owner: status.owner.map { text($0.name) }, inProbation: status.in_probation == 1,
            switchPending: status.switch_pending == 1)
    }
}
