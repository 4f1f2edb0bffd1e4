/// What can be measured by itself; each fills one or more rows.
package enum Subject: String, CaseIterable, Sendable {
    /// Motor writes with and without an update.
    case lateness
    /// Motor writes with pages of the console open and without.
    case pages
    /// Sense-to-actuate and CPU of the core, against a minimal C program.
    case core
    /// Heap, page faults and memory over a million ticks.
    case ticks
    /// Virtual flight.
    case virtual
    /// Handover queue.
    case queue
    /// `droneagent update` against pull and run.
    case update
    /// Images.
    case images

    /// Measures it.
    ///
    /// - Throws: `BenchFault` when it could not be measured to its end.
    package func figures(_ options: MeasureOptions) throws(BenchFault) -> [Figure] {
        switch self {
        case .lateness: try LatenessFlight(options).figures()
        case .pages: try PagesFlight(options).figures()
        case .core: try CoreCost(options).figures()
        case .ticks: try MillionTicks(options).figures()
        case .virtual: try VirtualSpeed(options).figures()
        case .queue: try QueueSpeed(options).figures()
        case .update: try UpdateTime(options).figures()
        case .images: try ImageBytes(options).figures()
        }
    }
}
