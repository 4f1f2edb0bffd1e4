import CBoard
import CContract

/// The board's lines: kill and arm switch read by turns, output-enable and LED written when they change.
struct BoardLines {
    /// Ticks between two looks at the kill line (100 Hz at 500 Hz) and at the arm switch.
    private static let killEvery: UInt64 = 5
    private static let armEvery: UInt64 = 25

    private let lines: da_lines
    private let hasArm: Bool
    private let hasKill: Bool
    private let hasOutputEnable: Bool
    private let hasLED: Bool
    /// The kill line is pulled. A line that cannot be read leaves it as it was: it does not stop a flight.
    private(set) var isKilled = false
    /// The arm switch is on, or the board has none.
    private(set) var mayArm = false
    private var outputsEnabled = false
    private var isLit = false

    init(_ lines: da_lines, _ board: da_board) {
        self.lines = lines
        hasArm = board.line.0.offset >= 0
        hasKill = board.line.1.offset >= 0
        hasOutputEnable = board.line.2.offset >= 0
        hasLED = board.line.3.offset >= 0
    }

    /// Goes on with what a core before this one read; its outputs and LED are written anew.
    @_noAllocation
    mutating func takeUp(isKilled: Bool, mayArm: Bool) {
        self.isKilled = isKilled
        self.mayArm = mayArm
    }

    @_noAllocation
    mutating func read(_ tick: UInt64) {
        if tick % Self.killEvery == 0, hasKill {
            let value = get(DA_LINE_KILL)
            if value >= 0 { isKilled = value == 1 }
        }
        if tick % Self.armEvery == 1 { mayArm = !hasArm || get(DA_LINE_ARM) == 1 }
    }

    /// A line that cannot be written is tried again in the next tick.
    @_noAllocation
    mutating func write(outputs: Bool, led: Bool) {
        if outputs != outputsEnabled, hasOutputEnable, set(DA_LINE_OUTPUT_ENABLE, outputs) { outputsEnabled = outputs }
        if led != isLit, hasLED, set(DA_LINE_LED, led) { isLit = led }
    }

    private func get(_ line: da_line) -> Int32 {
        withUnsafePointer(to: lines) { da_lines_get($0, UInt32(line.rawValue)) }
    }

    private func set(_ line: da_line, _ value: Bool) -> Bool {
        withUnsafePointer(to: lines) { da_lines_set($0, UInt32(line.rawValue), value ? 1 : 0) } == 0
    }
}
