internal import Handover

/// How a candidate would have done in shadow on a past flight.
package struct ReplayVerdict: Equatable, Sendable, Codable {
    /// The distance between the candidate's commands and the owner's, over all ticks that were compared.
    package struct Distance: Equatable, Sendable, Codable {
        /// Root of the mean square, and the greatest.
        package var rms = 0.0
        package var most = 0.0

        package init() {}
    }

    /// Samples that it was given, and how long that was in flight, s.
    package var ticks = 0
    package var seconds = 0.0
    /// Ticks that are not in the log: slept through, or lost on the way to the disk.
    package var gaps = 0
    /// Samples without an answer; answers that were no proper command.
    package var unanswered = 0
    package var improper = 0
    /// Ticks that both answered, and those of them in which no bit differs.
    package var compared = 0
    package var identical = 0
    /// Of one motor's command (0 to 1), of the angular acceleration that the difference would cause (rad/s²), of the vertical
    /// one (m/s²).
    package var command = Distance()
    package var angular = Distance()
    package var thrust = Distance()
    /// Where one motor's command differed most, s since the log's first tick; nil: nowhere.
    package var worstAt: Double?
    /// Ticks at which an update might have switched, and those of them at which this candidate would have been refused.
    package var moments = 0
    package var refusedMoments = 0
    /// The first of those, s since the log's first tick, and why.
    package var refusedAt: Double?
    package var why: String?
    /// It said that it is settled.
    package var isSettled = false
    /// The log ends in the middle of a message.
    package var isCut = false

    package init() {}

    package var isLetThrough: Bool { reason == nil }

    /// In one sentence.
    package var sentence: String {
        reason.map { "It would have been refused: \($0)" }
            ?? "It would have been let through at each of \(moments) moments."
    }

    /// As many as an update forgives to be late.
    package static let unansweredLimit = Int(HandoverPolicy().lateLimit)

    private var reason: String? {
        if ticks == 0 { return "it was given no sample." }
        if unanswered > Self.unansweredLimit { return "it gave no answer to \(unanswered) of \(ticks) samples." }
        if improper > 0 {
            return "\(improper) of its answers are no command: not of that sample, not finite or out of range."
        }
        if !isSettled { return "it never said that it is settled." }
        if moments == 0 { return "there was no moment at which it could be judged." }
        guard refusedMoments > 0, let why else { return nil }
        let share = max(1, Int((Double(refusedMoments) / Double(moments) * 100).rounded()))
        let first = ((refusedAt ?? 0) * 10).rounded() / 10
        return "\(why) So it was at \(share) % of the moments, first \(first) s from the log's beginning."
    }
}
