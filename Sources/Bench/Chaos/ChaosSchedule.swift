/// When each fault of a policy begins and ends. Pure.
package struct ChaosSchedule: Sendable {
    package struct Move: Sendable, Equatable {
        /// Of the fault in the policy.
        package var fault: Int
        package var begins: Bool

        package init(fault: Int, begins: Bool) {
            self.fault = fault
            self.begins = begins
        }
    }

    private let faults: [ChaosFault]
    /// How often each has begun, and whether it is at work.
    private var begun: [Int]
    package private(set) var isActive: [Bool]

    package init(_ faults: [ChaosFault]) {
        self.faults = faults
        begun = faults.map { _ in 0 }
        isActive = faults.map { _ in false }
    }

    /// What begins and ends by `seconds` of manoeuvres. A begin that was slept through is left out.
    package mutating func moves(at seconds: Double) -> [Move] {
        var moves: [Move] = []
        for (index, fault) in faults.enumerated() {
            let count = Int(max(0, seconds) / fault.every)
            let isDue = count >= 1 && seconds - Double(count) * fault.every < fault.lasts
            if isActive[index], !isDue || count > begun[index] {
                isActive[index] = false
                moves.append(Move(fault: index, begins: false))
            }
            if count > begun[index] {
                begun[index] = count
                moves.append(Move(fault: index, begins: true))
                if fault.kind.takesTime { isActive[index] = true }
            }
        }
        return moves
    }

    /// Ends whatever is at work.
    package mutating func end() -> [Move] {
        let moves = isActive.indices.filter { isActive[$0] }.map { Move(fault: $0, begins: false) }
        isActive = faults.map { _ in false }
        return moves
    }
}
