internal import FoundationEssentials
package import Handover

/// One update, from the command to its end.
package struct UpdateRecord: Equatable, Sendable {
    package var id: Int64?
    /// As the user wrote it.
    package var reference: String
    /// What it was resolved to, JSON of `ResolvedImage`; nil: not resolved yet.
    package var image: String?
    /// Instances that fly before and after.
    package var owner: String
    package var candidate: String
    package var phase: String
    /// Unix time, s.
    package var begin: Double
    package var end: Double?
    /// `UpdateOutcome`, once it has ended.
    package var outcome: String?
    /// Why, in one sentence.
    package var reason: String?

    /// `image`; nil: not resolved yet.
    var resolved: ResolvedImage? { image.flatMap(ResolvedImage.init(json:)) }

    package init(reference: String, owner: String, candidate: String, phase: String, begin: Double) {
        self.reference = reference
        self.owner = owner
        self.candidate = candidate
        self.phase = phase
        self.begin = begin
    }

    static let columns = #"id, reference, image, owner, candidate, phase, "begin", "end", outcome, reason"#

    /// Of `columns`.
    init(row: borrowing Connection.Row) {
        id = row.integer(0)
        reference = row.text(1)
        image = row.textIfAny(2)
        owner = row.text(3)
        candidate = row.text(4)
        phase = row.text(5)
        begin = row.real(6)
        end = row.realIfAny(7)
        outcome = row.textIfAny(8)
        reason = row.textIfAny(9)
    }
}

/// A step of an update.
package struct EventRecord: Equatable, Sendable {
    package var id: Int64
    package var update: Int64?
    /// Unix time, s.
    package var time: Double
    package var phase: String
    package var text: String

    static let columns = "id, update_id, time, phase, text"

    /// Of `columns`.
    init(row: borrowing Connection.Row) {
        id = row.integer(0)
        update = row.integerIfAny(1)
        time = row.real(2)
        phase = row.text(3)
        text = row.text(4)
    }
}

/// A flight container that the agent has made and not yet removed.
package struct InstanceRecord: Equatable, Sendable {
    package var name: String
    /// Full reference as resolved, for "v2" to mean a tag of the same repository.
    package var reference: String
    package var manifest: Digest
    package var config: Digest
    /// `FlightRole` at the last change.
    package var role: String
    /// The engine's id; nil: not created yet.
    package var container: String?

    package init(name: String, image: ResolvedImage, role: FlightRole, container: String?) {
        self.name = name
        reference = image.reference
        manifest = image.manifest
        config = image.config
        self.role = role.rawValue
        self.container = container
    }

    static let columns = "name, reference, manifest, config, role, container"

    /// Of `columns`.
    ///
    /// - Throws: when its digests are none, which another hand than the agent's has written.
    init(row: borrowing Connection.Row) throws(Connection.Refusal) {
        name = row.text(0)
        reference = row.text(1)
        guard let manifest = Digest(row.text(2)), let config = Digest(row.text(3)) else {
            throw Connection.Refusal(words: "a digest of instance \(name) is none")
        }
        self.manifest = manifest
        self.config = config
        role = row.text(4)
        container = row.textIfAny(5)
    }
}

extension ResolvedImage {
    /// Of its JSON; nil: it is none.
    init?(json: String) {
        guard let image = try? JSONDecoder().decode(ResolvedImage.self, from: Data(json.utf8)) else { return nil }
        self = image
    }
}
