import FoundationEssentials

/// Reads what the bench needs from the JSON of `droneagent status`.
enum StatusLine {
    private struct Line: Decodable {
        struct Status: Decodable {
            struct Core: Decodable { var owner: String? }
            struct Instance: Decodable {
                var name: String
                var manifest: String
            }
            var core: Core?
            var instances: [Instance]
        }
        var status: Status?
    }

    /// Digest of the manifest of the owner's image.
    static func ownerManifest(_ output: String) -> String? {
        for text in output.split(separator: "\n") {
            guard let status = (try? JSONDecoder().decode(Line.self, from: Data(text.utf8)))?.status else { continue }
            return status.instances.first { $0.name == status.core?.owner }?.manifest
        }
        return nil
    }
}
