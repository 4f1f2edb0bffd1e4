/// A version of the Docker Engine API, such as 1.41.
package struct EngineVersion: Equatable, Comparable, Sendable, CustomStringConvertible {
    package var major: Int
    package var minor: Int

    /// What this agent is written against: engines from 2025 on refuse anything below 1.44.
    package static let ours = EngineVersion(major: 1, minor: 44)
    /// Below, an engine does not say which variant of an architecture an image is for.
    package static let oldest = EngineVersion(major: 1, minor: 40)

    package init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
        self.init(major: major, minor: minor)
    }

    package static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

    package var description: String { "\(major).\(minor)" }

    /// The version to speak with an engine that names `theirs` in its `API-Version` header.
    ///
    /// - Throws: `Fault` for an engine that names none or is too old.
    package static func negotiate(theirs: String?, socket: String) throws(Fault) -> EngineVersion {
        guard let theirs, let version = EngineVersion(theirs) else {
            throw Fault("What answers at \(socket) names no API version; check that it is a container engine's socket.")
        }
        guard version >= oldest else {
            throw Fault(
                "The container engine at \(socket) speaks API \(version), at least \(oldest) is needed; install a newer one."
            )
        }
        return min(ours, version)
    }
}
