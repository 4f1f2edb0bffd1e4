internal import CoreMetrics
internal import Synchronization

/// A backend of swift-metrics that Prometheus reads: families of samples as text.
///
/// Format: Prometheus' text exposition format, version 0.0.4. Values live until the process ends.
final class Exposition: MetricsFactory {
    /// Samples of all families: what comes beyond is counted nowhere, so that no label fills the memory.
    static let samplesMax = 256

    private enum Kind: String { case counter, gauge, summary }

    private struct Family {
        var kind: Kind
        /// In the order in which they were made.
        var samples: [(labels: String, sample: Sample)] = []
    }

    private struct Content {
        var families: [String: Family] = [:]
        var sampleCount = 0
    }

    private let help: [String: String]
    private let content = Mutex(Content())

    /// `help` by family, one sentence each: Prometheus wants to be told what it reads.
    init(help: [String: String]) { self.help = help }

    /// All that is known, families in the order of their names.
    var text: String {
        let families = content.withLock { $0.families }
        return families.sorted { $0.key < $1.key }.map { name, family in
            let lines = family.samples.flatMap { labels, sample in
                let value = sample.value
                return switch family.kind {
                case .counter, .gauge: ["\(name)\(labels) \(Self.number(value.sum))"]
                case .summary:
                    ["\(name)_sum\(labels) \(Self.number(value.sum))", "\(name)_count\(labels) \(value.count)"]
                }
            }
            let head = ["# HELP \(name) \(help[name] ?? "Of a library.")", "# TYPE \(name) \(family.kind.rawValue)"]
            return (head + lines).joined(separator: "\n") + "\n"
        }.joined()
    }

    private static func number(_ value: Double) -> String {
        value.isNaN ? "NaN" : value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : "\(value)"
    }

    /// The sample of these labels, the same one each time.
    private func sample(_ label: String, _ dimensions: [(String, String)], _ kind: Kind, scale: Double = 1) -> Sample {
        let name = Self.name(label)
        let labels = Self.labels(dimensions)
        return content.withLock { content in
            if let known = content.families[name]?.samples.first(where: { $0.labels == labels }) { return known.sample }
            let sample = Sample(scale: scale)
            guard content.sampleCount < Self.samplesMax else { return sample }
            content.sampleCount += 1
            content.families[name, default: Family(kind: kind)].samples.append((labels, sample))
            return sample
        }
    }

    /// Letters, digits and underscores, a letter first.
    private static func name(_ label: String) -> String {
        let name = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return name.first?.isLetter == true ? name : "_" + name
    }

    private static func labels(_ dimensions: [(String, String)]) -> String {
        guard !dimensions.isEmpty else { return "" }
        let pairs = dimensions.map { key, value in
            let quoted = value.map { character in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }
            return "\(name(key))=\"\(quoted.joined())\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    // MARK: swift-metrics

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        sample(label, dimensions, .counter)
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        sample(label, dimensions, .gauge)
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? sample(label, dimensions, .summary) : GaugeRecorder(sample: sample(label, dimensions, .gauge))
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        sample(label + "_seconds", dimensions, .summary, scale: 1e-9)
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

/// One number, or a sum and how many it has.
private final class Sample: CounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    private let content = Mutex((sum: 0.0, count: 0))
    private let scale: Double

    init(scale: Double) { self.scale = scale }

    var value: (sum: Double, count: Int) { content.withLock { $0 } }

    private func add(_ value: Double) { content.withLock { $0 = ($0.sum + value, $0.count + 1) } }

    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func record(_ value: Int64) { add(Double(value)) }
    func record(_ value: Double) { add(value) }
    func recordNanoseconds(_ duration: Int64) { add(Double(duration) * scale) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { content.withLock { $0 = (value, $0.count + 1) } }
    func reset() { content.withLock { $0 = (0, 0) } }
}

/// Records the newest value only.
private final class GaugeRecorder: RecorderHandler {
    private let sample: Sample

    init(sample: Sample) { self.sample = sample }

    func record(_ value: Int64) { sample.set(value) }
    func record(_ value: Double) { sample.set(value) }
}
