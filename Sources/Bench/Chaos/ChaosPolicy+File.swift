internal import Agent

extension ChaosPolicy {
    /// s.
    private static let durations = 10.0...3600.0
    private static let faultsMax = 32
    private static let tagsMax = 16
    /// Longest file, bytes.
    private static let bytesMax = 65_536

    /// Reads a policy; `name` is what errors call it.
    ///
    /// - Throws: `BenchFault` with file, line, key and what is allowed there.
    package init(_ text: String, name: String) throws(BenchFault) {
        guard text.utf8.count <= Self.bytesMax else {
            throw BenchFault("\(name) has \(text.utf8.count) bytes; a policy has at most \(Self.bytesMax).")
        }
        let root: YAMLNode?
        do throws(YAMLFault) { root = try YAMLNode.read(text) } catch {
            throw BenchFault("\(name) line \(error.line): \(error.problem).")
        }
        guard let root else { throw BenchFault("\(name) is empty; start from one of Board/chaos.") }
        var section = try PolicySection(root, file: name, path: "")
        duration = try section.quantity("duration", .time, Self.durations)
        updates = try section.texts("updates", max: Self.tagsMax) ?? ["v1", "v2"]
        let nodes = try section.list("faults", max: Self.faultsMax)
        try section.finish()
        faults = []
        for (number, node) in nodes.enumerated() {
            var fault = try PolicySection(node, file: name, path: "faults[\(number + 1)]")
            faults.append(try ChaosFault(&fault, within: duration))
            try fault.finish()
        }
    }
}

extension ChaosFault {
    fileprivate init(_ section: inout PolicySection, within duration: Double) throws(BenchFault) {
        kind = try section.choice("kind", Kind.self)
        place = try section.choice("on", Place.self)
        guard kind.places.contains(place) else {
            throw section.fault(
                "on",
                "is \(place.rawValue); \(kind.rawValue) strikes \(kind.places.map(\.rawValue).joined(separator: ", "))."
            )
        }
        every = try section.quantity("every", .time, 1...duration)
        lasts = kind.takesTime ? try section.quantity("for", .time, 0.001...every) : 0
        strength = 0
        if let unit = kind.unit {
            let range =
                switch unit {
                case .time: 0.001...60.0
                case .share: 0.01...1.0
                case .rate: 1...1e9
                case .bytes: 0...1e9
                case .status: 400...599.0
                }
            strength = try section.quantity("strength", unit, range)
        }
        labels = try section.labels("containers")
        let takesLabels: [Place] = [.containers, .queue, .registry, .engine]
        if !labels.isEmpty, !takesLabels.contains(place) {
            throw section.fault("containers", "selects nothing on \(place.rawValue); leave it out.")
        }
    }
}

/// One mapping of a policy, read key by key; a key that nobody asked for is an error.
private struct PolicySection {
    private let file: String
    private let path: String
    private let line: Int
    private let entries: [YAMLNode.Entry]
    private var asked: [String] = []

    init(_ node: YAMLNode, file: String, path: String) throws(BenchFault) {
        (self.file, self.path) = (file, path)
        line = node.line
        guard let mapping = node.mapping else {
            throw BenchFault("\(file) line \(line): \(path.isEmpty ? "the file" : path) must be a mapping of keys.")
        }
        entries = mapping
    }

    func fault(_ key: String, _ what: String) -> BenchFault {
        let at = entries.first { $0.key == key }?.line ?? line
        return BenchFault("\(file) line \(at): \(path.isEmpty ? "" : "\(path).")\(key) \(what)")
    }

    private mutating func find(_ key: String) -> YAMLNode? {
        asked.append(key)
        return entries.first { $0.key == key }?.value
    }

    private mutating func need(_ key: String) throws(BenchFault) -> YAMLNode {
        guard let node = find(key) else { throw fault(key, "is missing; add it.") }
        return node
    }

    mutating func quantity(_ key: String, _ unit: ChaosUnit, _ range: ClosedRange<Double>) throws(BenchFault) -> Double
    {
        let written = try need(key).scalar ?? ""
        guard let value = unit.read(written) else {
            throw fault(key, "is '\(written)'; write a number and its unit, such as \(unit.example).")
        }
        guard range.contains(value) else {
            throw fault(key, "is '\(written)'; allowed is \(range.lowerBound) to \(range.upperBound) (\(unit)).")
        }
        return value
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, _: Value.Type
    ) throws(BenchFault) -> Value where Value.RawValue == String {
        let written = try need(key).scalar ?? ""
        guard let value = Value(rawValue: written) else {
            throw fault(
                key, "is '\(written)'; write one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return value
    }

    mutating func list(_ key: String, max: Int) throws(BenchFault) -> [YAMLNode] {
        guard let list = try need(key).sequence, !list.isEmpty, list.count <= max else {
            throw fault(key, "must be a list of 1 to \(max).")
        }
        return list
    }

    mutating func texts(_ key: String, max: Int) throws(BenchFault) -> [String]? {
        guard let node = find(key) else { return nil }
        let texts = node.sequence.map { $0.compactMap(\.scalar) } ?? []
        guard !texts.isEmpty, texts.count <= max, texts.count == node.sequence?.count else {
            throw fault(key, "must be a list of 1 to \(max) tags, such as [v1, v2].")
        }
        return texts
    }

    mutating func labels(_ key: String) throws(BenchFault) -> [String: String] {
        guard let node = find(key) else { return [:] }
        guard let mapping = node.mapping else {
            throw fault(key, "must be a mapping of labels, such as {role: flight}.")
        }
        var labels: [String: String] = [:]
        for entry in mapping {
            guard let value = entry.value.scalar else {
                throw fault(key, "must be a mapping of labels, such as {role: flight}.")
            }
            labels[entry.key] = value
        }
        return labels
    }

    func finish() throws(BenchFault) {
        for entry in entries where !asked.contains(entry.key) {
            throw fault(entry.key, "is not known here; allowed is \(asked.joined(separator: ", ")).")
        }
    }
}
