/// Who owns the motors, as the core says it at one moment. It alone knows.
package struct CoreWord: Equatable, Sendable {
    /// The instance that owns; nil: none does.
    package var owner: String?
    /// The old version is warm behind the new one.
    package var inProbation: Bool
    /// A switch was asked for and has not come yet.
    package var switchPending: Bool

    package init(owner: String?, inProbation: Bool, switchPending: Bool) {
        self.owner = owner
        self.inProbation = inProbation
        self.switchPending = switchPending
    }
}
