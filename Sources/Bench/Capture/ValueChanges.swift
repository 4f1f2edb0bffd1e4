/// Levels of named lines over time, as a logic analyser saw them: a value change dump (IEEE 1364-2005, clause 18), to which
/// sigrok-cli, PulseView and others turn their captures.
package struct ValueChanges {
    /// Lines that can be read at once.
    private static let linesMax = 32
    /// Digits of a time that fit a UInt64.
    private static let digitsMax = 19

    /// Reads a dump.
    ///
    /// - Parameters:
    ///   - bytes: of its text.
    ///   - lines: wanted, by name; the first is bit 0. Others in the dump are passed over.
    ///   - take: is told each time at which a wanted line changed, in ns, and the levels from there on.
    /// - Throws: `BenchFault` when it is none, lacks a line, or a line has no level.
    package static func read(
        _ bytes: UnsafeRawBufferPointer, lines: [String], _ take: (_ time: UInt64, _ levels: UInt32) -> Void
    ) throws(BenchFault) {
        guard lines.count <= linesMax else { throw BenchFault("No more than \(linesMax) lines can be read at once.") }
        var tokens = Tokens(bytes)
        let (bits, scale) = try header(&tokens, lines)
        var time: UInt64 = 0
        var levels: UInt32 = 0
        var told: UInt32?
        var isTimed = false
        while let token = tokens.next() {
            switch token.first {
            case UInt8(ascii: "#"):
                // Before the first time there is nothing to tell.
                if isTimed, told != levels {
                    take(time, levels)
                    told = levels
                }
                guard let count = number(token.dropFirst()) else { throw broken(token) }
                let next = count.multipliedReportingOverflow(by: scale.times)
                guard !next.overflow, next.partialValue / scale.over >= time else { throw broken(token) }
                time = next.partialValue / scale.over
                isTimed = true
            case UInt8(ascii: "0"), UInt8(ascii: "1"):
                guard let bit = bits[identifier(token.dropFirst())] else { continue }
                if token.first == UInt8(ascii: "1") { levels |= bit } else { levels &= ~bit }
            case UInt8(ascii: "$"): continue
            default:
                guard bits[identifier(token.dropFirst())] != nil else { continue }
                throw broken(token)
            }
        }
        if isTimed, told != levels { take(time, levels) }
    }

    // MARK: Header

    /// ns are counts times `times` over `over`.
    private typealias Scale = (times: UInt64, over: UInt64)

    private static func header(
        _ tokens: inout Tokens, _ lines: [String]
    ) throws(BenchFault) -> (bits: [UInt32: UInt32], scale: Scale) {
        var bits: [UInt32: UInt32] = [:]
        var found: [String] = []
        var scale: Scale?
        while let token = tokens.next() {
            switch text(token) {
            case "$timescale": scale = try self.scale(words(&tokens).joined())
            case "$var":
                // Kind, width, identifier, name.
                let parts = words(&tokens)
                guard parts.count >= 4, let index = lines.firstIndex(of: parts[3]) else { continue }
                found.append(parts[3])
                bits[identifier(parts[2].utf8)] = 1 << UInt32(index)
            case "$enddefinitions":
                guard let scale else { throw BenchFault("The capture says no time scale; it is no value change dump.") }
                let missing = lines.filter { !found.contains($0) }
                guard missing.isEmpty else {
                    throw BenchFault(
                        "The capture has no line \(missing.joined(separator: ", ")); name its channels so (\(lines.joined(separator: ", ")) are needed)."
                    )
                }
                return (bits, scale)
            default: continue
            }
        }
        throw BenchFault("The capture ends in its header; it is no value change dump.")
    }

    /// Of a section, up to its `$end`.
    private static func words(_ tokens: inout Tokens) -> [String] {
        var parts: [String] = []
        while parts.count < 16, let token = tokens.next(), text(token) != "$end" { parts.append(text(token)) }
        return parts
    }

    private static func scale(_ text: String) throws(BenchFault) -> Scale {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [Substring: Scale] = [
            "s": (1_000_000_000, 1), "ms": (1_000_000, 1), "us": (1000, 1), "ns": (1, 1), "ps": (1, 1000),
        ]
        guard let count = UInt64(digits), (1...100).contains(count), let unit = units[text.dropFirst(digits.count)]
        else {
            throw BenchFault("The capture's time scale is '\(text)'; it must be 1, 10 or 100 of s, ms, us, ns or ps.")
        }
        return (count * unit.times, unit.over)
    }

    // MARK: Tokens

    /// What stands between white space.
    private struct Tokens {
        private let bytes: UnsafeRawBufferPointer
        private var at = 0

        init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        mutating func next() -> Slice<UnsafeRawBufferPointer>? {
            while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
            guard at < bytes.count else { return nil }
            let begin = at
            while at < bytes.count, bytes[at] > 0x20 { at += 1 }
            return bytes[begin..<at]
        }
    }

    private static func text(_ token: Slice<UnsafeRawBufferPointer>) -> String {
        String(decoding: token, as: UTF8.self)
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt64? {
        guard !digits.isEmpty, digits.count <= digitsMax else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + UInt64(digit - 0x30)
        }
        return value
    }

    /// Of up to four characters; longer ones are no line that we asked for.
    private static func identifier(_ bytes: some Collection<UInt8>) -> UInt32 {
        guard bytes.count <= 4 else { return 0 }
        return bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }

    private static func broken(_ token: Slice<UnsafeRawBufferPointer>) -> BenchFault {
        BenchFault("The capture has '\(text(token.prefix(24)))', which is no time and no level in its turn.")
    }
}
