/// A whole log in memory, for short ones.
package struct ULogReader {
    package private(set) var information: [String: String] = [:]
    /// Fields by name, of each message of a topic, in their order.
    package private(set) var data: [String: [[String: [Double]]]] = [:]
    /// us.
    package private(set) var start: UInt64 = 0
    /// What does not fit the format.
    package private(set) var faults: [String] = []
    /// The last message is not whole: its writer was killed.
    package private(set) var isCut = false

    /// Keeps the data of these topics only; nil: of all.
    package init(_ bytes: [UInt8], topics wanted: Set<String>? = nil) {
        var scanner = ULogScanner()
        for message in scanner.read(bytes) where wanted?.contains(message.topic.name) ?? true {
            let fields = message.topic.fields.map { ($0.name, message.values($0.name)) }
            data[message.topic.name, default: []].append(Dictionary(fields) { first, _ in first })
        }
        (information, start, faults) = (scanner.information, scanner.start, scanner.faults)
        isCut = !scanner.isWhole
        // Too short even for that.
        if scanner.isNone, faults.isEmpty { faults = ["no magic"] }
    }
}
