/// Feeds one target; the seed replays a run exactly.
package enum FuzzRun {
    /// A part of the inputs stays as it is: a state in which nothing valid ever comes is soon a dead one.
    private static let validShare = 4

    package struct Fault: Equatable, Sendable {
        package var number: Int
        package var input: [UInt8]
        package var sentence: String
    }

    /// - Parameters:
    ///   - target: what is fed.
    ///   - inputs: how many.
    ///   - seed: of all changes.
    ///   - each: hears the number of every thousandth input, before it is fed.
    /// - Returns: the first input that was not taken as it should be; nil: all were.
    package static func feed(
        _ target: any FuzzTarget, inputs: Int, seed: UInt64, _ each: (Int) -> Void = { _ in }
    ) -> Fault? {
        var mutation = Mutation(seed: seed)
        for number in 0..<inputs {
            if number % 1000 == 0 { each(number) }
            var input = target.valid(&mutation)
            if mutation.pick(validShare) != 0 {
                input = mutation.change(input, with: target.valid(&mutation))
                if mutation.pick(2) == 0 { input = target.repaired(input) }
            }
            if let sentence = target.feed(input) { return Fault(number: number, input: input, sentence: sentence) }
        }
        return nil
    }
}
