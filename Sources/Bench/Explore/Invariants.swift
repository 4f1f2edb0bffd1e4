import Contract
import FlightCore
import Handover

/// What must hold in every state; numbers are those of Sources/Manual/invariants.md.
extension HandoverSystem {
    mutating func check(_ holds: Bool, _ what: String) {
        if !holds, breach == nil { breach = what }
    }

    /// Behind a boundary: who owns, and with which epoch.
    mutating func checkBoundary() {
        if arbiter.owner == 1 { hasSwitched = true }
        if arbiter.epoch > highestEpoch {
            highestEpoch = arbiter.epoch
        } else if arbiter.epoch != 0, arbiter.epoch < highestEpoch {
            check(false, "3: epochs never repeat")
        }
        check(arbiter.epoch <= epochsOnDisk, "3: an epoch is on disk before it is granted")
        check(!(arbiter.isFailsafe && arbiter.owner != Arbiter.nobody), "1: beside an owner the failsafe does not fly")
    }

    /// What the last writer would write: marked by who sent it.
    mutating func actuate() {
        let (owner, epoch, former) = (arbiter.owner, arbiter.epoch, arbiter.former.tick)
        let written = [arbiter.choose(tick)?.motors, arbiter.intruder(tick)]
        for case let motors? in written {
            let mark = ModelContainer.Mark(motors)
            check(mark.slot == owner, "1: at every tick at most one instance owns the motors")
            check(
                mark == ModelContainer.Mark(slot: mark.slot, epoch: epoch, tick: tick)
                    || mark == ModelContainer.Mark(slot: mark.slot, epoch: epoch, tick: former),
                "4: no command of a past epoch reaches the bus")
        }
    }

    mutating func checkAlways() {
        var grants = 0
        for slot in 0..<Arbiter.slotCount where arbiter.slots[slot].grant != 0 {
            grants += 1
            check(slot == arbiter.owner, "1: a grant is the owner's")
        }
        check(grants <= 1, "1: at most one slot holds a grant")
        if !hasSwitched, !oldWasStruck, !coreWasRestarted {
            check(
                arbiter.owner == 0 && containers[0].life == .running,
                "6: a failure before the switch leaves the old owner untouched")
        }
        if isSettled { checkRest() }
    }

    /// All is over: nothing may be left that a person must repair.
    private mutating func checkRest() {
        guard let outcome = journal.outcome, !coreWasRestarted else { return }
        for slot in 0..<2 where containers[slot].life != .absent {
            check(journal[slot] != nil, "no container is left over that the agent does not know of")
        }
        switch outcome {
        case .updated:
            check(
                containers[0].life == .absent || newWasStruck, "no container is left over: the old one behind an update"
            )
            check(arbiter.owner == 1 || newWasStruck, "an update that ends well leaves the new version flying")
        case .refused, .rolledBack:
            check(containers[1].life == .absent, "no container is left over: the new one behind an undone update")
            check(arbiter.owner == 0 || oldWasStruck, "an undone update leaves the old version flying")
        case .rollbackFailed, .planned: break
        }
        if arbiter.owner >= 0, containers[arbiter.owner].isThere {
            check(journal[arbiter.owner] == .owner, "the journal names the owner as owner")
        }
    }
}
