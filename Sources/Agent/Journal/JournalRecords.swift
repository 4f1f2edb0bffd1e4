internal import Foundation
internal import GRDB
package import Handover

/// One update, from the command to its end.
package struct UpdateRecord: Equatable, Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "updates"

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
    var resolved: ResolvedImage? {
        image.flatMap { try? JSONDecoder().decode(ResolvedImage.self, from: Data($0.utf8)) }
    }

    package init(reference: String, owner: String, candidate: String, phase: String, begin: Double) {
        self.reference = reference
        self.owner = owner
        self.candidate = candidate
        self.phase = phase
        self.begin = begin
    }
}

/// A step of an update.
package struct EventRecord: Equatable, Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "events"

    package var id: Int64?
    package var update: Int64?
    /// Unix time, s.
    package var time: Double
    package var phase: String
    package var text: String

    private enum CodingKeys: String, CodingKey {
        case id, time, phase, text
        case update = "update_id"
    }
}

/// A flight container that the agent has made and not yet removed.
package struct InstanceRecord: Equatable, Sendable, Codable, FetchableRecord, PersistableRecord {
    package static let databaseTableName = "instances"

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
}
