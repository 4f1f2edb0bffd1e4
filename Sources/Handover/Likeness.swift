internal import Contract

/// Whether a shadow is like enough to the owner: asked in flight before a switch, and of a candidate on a past flight.
extension HandoverPolicy {
    /// Why the candidate's commands are too far from the owner's; nil: they are not.
    package func unlike(_ candidate: CandidateView) -> String? {
        for (axis, gain) in candidate.gains.known where !gainRange.contains(gain) {
            return
                "The new version's commands have \(decimal(gain)) times the effect of the running one's on \(axis) (\(decimal(gainRange.lowerBound)) to \(decimal(gainRange.upperBound)) is allowed); a sign or a gain is wrong."
        }
        guard isNear(candidate) else {
            return
                "The new version's commands differ too much from the running one's: \(percent(candidate.divergence)) % RMS (limit \(percent(divergenceLimit)) %), \(Int(clamp(candidate.angularDivergence, 0, 1e6))) rad/s² (limit \(Int(angularLimit)))."
        }
        return nil
    }

    /// Whether the candidate answers too strongly on some axis and nothing else is wrong: that may pass within
    /// `strongSeconds`.
    package func isOnlyStrong(_ candidate: CandidateView) -> Bool {
        candidate.gains.known.allSatisfy { $0.gain >= gainRange.lowerBound } && isNear(candidate)
    }

    private func isNear(_ candidate: CandidateView) -> Bool {
        candidate.divergence <= divergenceLimit && candidate.angularDivergence <= angularLimit
    }

    private func decimal(_ value: Float) -> Float { (clamp(value, -1e6, 1e6) * 10).rounded() / 10 }

    private func percent(_ share: Float) -> Int { Int(clamp(share * 100, 0, 1e6)) }
}
