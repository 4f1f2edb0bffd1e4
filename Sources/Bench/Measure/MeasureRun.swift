import Agent
import CPlatform
import FoundationEssentials

/// Measures one subject after the other, and keeps what is there if a later one fails.
package struct MeasureRun {
    private let options: MeasureOptions

    package init(_ options: MeasureOptions) { self.options = options }

    /// Measures and writes measure.json after each subject; `say` hears what is going on.
    ///
    /// - Throws: `BenchFault` when the table cannot be written. A subject that cannot be measured is a row that says so.
    package func measure(_ subjects: [Subject], _ say: (String) -> Void) throws(BenchFault) -> MeasureTable {
        do {
            try FileManager.default.createDirectory(atPath: options.out, withIntermediateDirectories: true)
        } catch { throw BenchFault("\(options.out) cannot be made: \(fileReason(error))") }
        var table = MeasureTable(machine: Machine.description, quick: options.quick)
        for subject in subjects {
            let begin = da_now()
            do throws(BenchFault) {
                let figures = try subject.figures(options)
                table.add(figures)
                for figure in figures { say("\(figure.name): \(figure.measured), \(figure.verdict.rawValue)") }
            } catch {
                table.add([Figure(unmeasured: subject.rawValue, goal: "", error.description)])
                say("\(subject.rawValue) could not be measured. \(error)")
            }
            say("\(subject.rawValue) took \(Int(Double(da_now() - begin) / 1e9)) s.")
            try table.write(options.out + "/measure.json")
        }
        return table
    }
}
