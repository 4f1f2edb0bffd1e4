import Agent
import CPlatform
import FoundationEssentials

/// How large the images are, and what a pull of v2 fetches when v1 is there, counted by the registry.
struct ImageBytes {
    /// Bytes unpacked (README: an image is pulled in flight over a thin link).
    private static let sizeLimit = 20e6
    /// ns for the registry's log to be written behind an answer.
    private static let logDelay: UInt64 = 500_000_000

    private let options: MeasureOptions
    private let docker: Docker

    init(_ options: MeasureOptions) {
        self.options = options
        docker = Docker(options)
    }

    func figures() throws(BenchFault) -> [Figure] {
        try docker.removeContainers()
        try docker.removeImages()
        let first = try pull("v1")
        let second = try pull("v2")
        let sizes = try ["v1", "v2"].map { (tag) throws(BenchFault) in try size(tag) }
        try docker.removeImages()
        return [sizeFigure(sizes, first), pullFigure(first, second)]
    }

    private func sizeFigure(_ sizes: [Double], _ first: RegistryTraffic) -> Figure {
        var figure = Figure(
            name: "image size, v1 / v2", goal: "< 20 MB", measured: sizes.map(bytes).joined(separator: " / "),
            verdict: sizes.allSatisfy { $0 < Self.sizeLimit } ? .met : .missed)
        figure.remarks = ["Unpacked, as the engine counts; v1 alone pulls \(bytes(first.bytes)), packed."]
        figure.values = ["v1_bytes": sizes[0], "v2_bytes": sizes[1], "v1_pulled_bytes": first.bytes]
        return figure
    }

    private func pullFigure(_ first: RegistryTraffic, _ second: RegistryTraffic) -> Figure {
        let again = second.blobs.intersection(first.blobs)
        var figure = Figure(
            name: "bytes pulled for v2 when v1 is present", goal: "only what differs", measured: bytes(second.bytes),
            verdict: second.bytes > 0 && again.isEmpty ? .met : .missed)
        figure.remarks = [
            again.isEmpty
                ? "\(second.blobs.count) blobs, none of which v1 has: v2's program and its description."
                : "\(again.count) of \(second.blobs.count) blobs were there already: \(again.sorted().joined(separator: ", "))."
        ]
        figure.values = ["pulled_bytes": second.bytes, "blobs": Double(second.blobs.count)]
        return figure
    }

    private func size(_ tag: String) throws(BenchFault) -> Double {
        let text = try docker("image", "inspect", "--format", "{{.Size}}", "\(options.registry)/flight:\(tag)").output
        guard let size = Double(text.trimmed) else {
            throw BenchFault("The engine gives no size of \(tag), but '\(text)'.")
        }
        return size
    }

    private func pull(_ tag: String) throws(BenchFault) -> RegistryTraffic {
        let before = try log().count
        try docker("pull", "--quiet", "\(options.registry)/flight:\(tag)")
        da_sleep_until(da_now() + Self.logDelay)
        let after = try log()
        return RegistryTraffic(log: Substring(decoding: after.dropFirst(before), as: UTF8.self))
    }

    private func log() throws(BenchFault) -> Data {
        guard let log = FileManager.default.contents(atPath: options.registryLog) else {
            throw BenchFault("The registry's log \(options.registryLog) is not there.")
        }
        return log
    }
}
