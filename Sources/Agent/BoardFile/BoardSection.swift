/// One mapping of the board file, read key by key; a key that nobody asked for is an error.
///
/// Every error is one sentence that names file, line, key path and what is allowed there.
struct BoardSection {
    let file: String
    /// Keys from the root to this mapping, "" for the root.
    let path: String
    let line: Int
    private let entries: [YAMLNode.Entry]
    private var asked: [String] = []

    init(_ node: YAMLNode, file: String, path: String) throws(Fault) {
        self.file = file
        self.path = path
        line = node.line
        guard let mapping = node.mapping else {
            throw Fault("\(file) line \(line): \(path.isEmpty ? "the file" : path) must be a mapping of keys.")
        }
        entries = mapping
    }

    private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func fault(_ key: String, _ line: Int, _ what: String) -> Fault {
        Fault("\(file) line \(line): \(full(key)) \(what)")
    }

    private mutating func find(_ key: String) -> (line: Int, value: YAMLNode)? {
        asked.append(key)
        return entries.first { $0.key == key }.map { ($0.line, $0.value) }
    }

    private mutating func need(_ key: String) throws(Fault) -> (line: Int, value: YAMLNode) {
        if let found = find(key) { return found }
        let stem = BoardUnit.stem(key)
        if stem != key, let other = entries.first(where: { BoardUnit.stem($0.key) == stem }) {
            throw fault(other.key, other.line, "has the wrong unit or none; write it as \(key).")
        }
        throw fault(key, line, "is missing; add it.")
    }

    /// Whether the key is there; asking makes it a known key.
    mutating func has(_ key: String) -> Bool { find(key) != nil }

    /// A finite number within `range`, in the unit that the key's name carries.
    mutating func number(_ key: String, _ range: ClosedRange<Double>, _ reason: String) throws(Fault) -> Double {
        let (line, value) = try need(key)
        return try number(key, line, value, range, reason)
    }

    private func number(
        _ key: String, _ line: Int, _ value: YAMLNode, _ range: ClosedRange<Double>, _ reason: String
    ) throws(Fault) -> Double {
        let written = value.scalar ?? ""
        guard let number = Double(written), number.isFinite else {
            throw fault(key, line, "is '\(written)'; write a plain number, its unit is in the key's name.")
        }
        guard range.contains(number) else {
            throw fault(
                key, line,
                "is \(plain(number)); allowed is \(plain(range.lowerBound)) to \(plain(range.upperBound)) (\(reason)).")
        }
        return number
    }

    /// `count` numbers, each within `range`.
    mutating func numbers(
        _ key: String, count: Int, _ range: ClosedRange<Double>, _ reason: String
    ) throws(Fault) -> [Double] {
        let (line, value) = try need(key)
        guard let list = value.sequence, list.count == count else {
            throw fault(key, line, "must be a list of \(count) numbers, such as [1, 2, 3].")
        }
        var numbers: [Double] = []
        for item in list { numbers.append(try number(key, item.line, item, range, reason)) }
        return numbers
    }

    /// A whole number, decimal or 0x hexadecimal, within `range`.
    mutating func whole(_ key: String, _ range: ClosedRange<Int>, _ reason: String) throws(Fault) -> Int {
        let (line, value) = try need(key)
        let written = value.scalar ?? ""
        let isHexadecimal = written.hasPrefix("0x")
        guard let number = isHexadecimal ? Int(written.dropFirst(2), radix: 16) : Int(written) else {
            throw fault(key, line, "is '\(written)'; write a whole number, its unit is in the key's name.")
        }
        guard range.contains(number) else {
            func show(_ value: Int) -> String { isHexadecimal ? "0x\(String(value, radix: 16))" : "\(value)" }
            throw fault(
                key, line,
                "is \(show(number)); allowed is \(show(range.lowerBound)) to \(show(range.upperBound)) (\(reason)).")
        }
        return number
    }

    /// One of a few whole numbers.
    mutating func choice(_ key: String, _ allowed: [Int], _ reason: String) throws(Fault) -> Int {
        let (line, _) = try need(key)
        let number = try whole(key, 0...Int(UInt32.max), reason)
        guard allowed.contains(number) else {
            let list = allowed.map(String.init).joined(separator: ", ")
            throw fault(key, line, "is \(number); allowed is one of \(list) (\(reason)).")
        }
        return number
    }

    /// One of a few words.
    mutating func word<Value>(_ key: String, _ allowed: KeyValuePairs<String, Value>) throws(Fault) -> Value {
        let (line, value) = try need(key)
        let written = value.scalar ?? ""
        guard let match = allowed.first(where: { $0.key == written }) else {
            let list = allowed.map(\.key).joined(separator: ", ")
            throw fault(key, line, "is '\(written)'; allowed is one of \(list).")
        }
        return match.value
    }

    /// Some of a few words, each at most once; without the key none.
    mutating func words(_ key: String, _ allowed: [String]) throws(Fault) -> [String] {
        guard let (line, value) = find(key) else { return [] }
        let list = value.sequence.map { $0.map { $0.scalar ?? "" } }
        guard let list, Set(list).isSubset(of: allowed), Set(list).count == list.count else {
            throw fault(
                key, line, "must be a list such as [\(allowed[0])], of \(allowed.joined(separator: ", ")), each once.")
        }
        return list
    }

    /// A text that fits a C array of `room` bytes with its NUL.
    mutating func text(_ key: String, room: Int) throws(Fault) -> String {
        let (line, value) = try need(key)
        guard let written = value.scalar, !written.isEmpty else { throw fault(key, line, "must be a text.") }
        guard written.utf8.count < room, !written.utf8.contains(0) else {
            throw fault(key, line, "has \(written.utf8.count) bytes; at most \(room - 1) fit.")
        }
        return written
    }

    mutating func flag(_ key: String) throws(Fault) -> Bool { try word(key, ["true": true, "false": false]) }

    mutating func section(_ key: String) throws(Fault) -> BoardSection {
        let (_, value) = try need(key)
        return try BoardSection(value, file: file, path: full(key))
    }

    /// The section, or nil when the board has no such part.
    mutating func sectionIfPresent(_ key: String) throws(Fault) -> BoardSection? {
        has(key) ? try section(key) : nil
    }

    /// A fault at a key that has been read, found by comparing it with others.
    func conflict(_ key: String, _ what: String) -> Fault {
        fault(key, entries.first { $0.key == key }?.line ?? line, what)
    }

    /// Call when all keys have been read: refuses any other.
    func finish() throws(Fault) {
        for entry in entries where !asked.contains(entry.key) {
            let stem = BoardUnit.stem(entry.key)
            if let right = asked.first(where: { BoardUnit.stem($0) == stem }) {
                throw fault(entry.key, entry.line, "has the wrong unit or none; write it as \(right).")
            }
            let known = Set(asked).sorted().joined(separator: ", ")
            throw fault(entry.key, entry.line, "is not a key of the board file; known here: \(known).")
        }
    }
}

/// Units at the end of keys.
enum BoardUnit {
    private static let all: Set<String> = [
        "hz", "khz", "mhz", "ns", "us", "ms", "s", "deg", "rad", "dps", "rps", "m", "mm", "cm", "kg", "g", "kgm2", "v",
        "mv", "a", "ma", "ohm", "mohm", "n", "mps", "mps2", "pa", "hpa", "percent", "ticks",
    ]

    /// The key without its unit.
    static func stem(_ key: String) -> String {
        guard let cut = key.lastIndex(of: "_"), all.contains(String(key[key.index(after: cut)...])) else { return key }
        return String(key[..<cut])
    }
}

/// A number as a person writes it: no ".0" behind whole numbers.
func plain(_ number: Double) -> String {
    guard number == number.rounded(), abs(number) < 1e15 else { return "\(number)" }
    return "\(Int(number))"
}
