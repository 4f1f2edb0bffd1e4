internal import FoundationEssentials

/// What an engine's pull stream says, line by line, summed up over the layers.
///
/// The stream comes with HTTP 200 even when the pull fails; the error is one of its lines.
package struct PullProgress: Equatable, Sendable {
    package private(set) var bytesDone = 0
    package let bytesTotal: Int

    /// Compressed bytes beyond a layer's size that are still taken for a difference in counting.
    private static let slack = 65_536

    /// Size and progress of each layer, by the 12 digits with which engines abbreviate its digest.
    private var layers: [String: (size: Int, done: Int)] = [:]

    package init(_ image: ResolvedImage) {
        bytesTotal = image.bytes
        for layer in image.layers { layers[layer.digest.short] = (layer.bytes, 0) }
    }

    package static func == (a: Self, b: Self) -> Bool { a.bytesDone == b.bytesDone && a.bytesTotal == b.bytesTotal }

    private struct Line: Decodable {
        struct Detail: Decodable {
            var current: Int?
            var total: Int?
        }
        struct Failure: Decodable { var message: String? }

        var status: String?
        var id: String?
        var progressDetail: Detail?
        var error: String?
        var errorDetail: Failure?
    }

    /// Takes one line in; true when the sum has changed.
    ///
    /// - Throws: `Fault` with the engine's words when the line is an error, or is no JSON.
    package mutating func take(_ bytes: ArraySlice<UInt8>, of name: String) throws(Fault) -> Bool {
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(bytes)) else {
            throw Fault("Pulling \(name): the engine sent a line that is no progress; look into its log.")
        }
        if let error = line.errorDetail?.message ?? line.error {
            throw Fault("Pulling \(name) failed in the engine: \(oneLine(error)).")
        }
        guard let id = line.id, let layer = layers[id], let status = line.status else { return false }
        // An engine takes a layer to its end, whatever its size should be, and fills the disk.
        if status == "Downloading", let current = line.progressDetail?.current, current > layer.size + Self.slack {
            throw Fault(
                "Pulling \(name): layer \(id) has more than the \(layer.size) bytes that its manifest says; it was tampered with or damaged, do not use it."
            )
        }
        let done =
            switch status {
            case "Downloading": min(line.progressDetail?.current ?? layer.done, layer.size)
            case "Pulling fs layer", "Waiting", "Retrying": 0
            case "Verifying Checksum", "Download complete", "Extracting", "Pull complete", "Already exists": layer.size
            default: layer.done
            }
        guard done != layer.done else { return false }
        layers[id] = (layer.size, done)
        bytesDone = layers.values.reduce(0) { $0 + $1.done }
        return true
    }
}
