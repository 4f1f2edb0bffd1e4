internal import CYAML

/// One node of a YAML document, as libyaml composes it: scalars as they are written, of no type yet.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        case scalar(String)
        case sequence([YAMLNode])
        /// In the file's order, each key once.
        case mapping([Entry])
    }

    package struct Entry: Sendable {
        package let key: String
        /// Where the key stands, from 1.
        package let line: Int
        package let value: YAMLNode
    }

    package let content: Content
    /// Where it begins, from 1.
    package let line: Int

    package var scalar: String? { if case .scalar(let text) = content { text } else { nil } }
    package var sequence: [YAMLNode]? { if case .sequence(let nodes) = content { nodes } else { nil } }
    package var mapping: [Entry]? { if case .mapping(let entries) = content { entries } else { nil } }
}

/// What is wrong with a YAML text, as the rest of a sentence, and in which line, from 1.
package struct YAMLFault: Error, Equatable, Sendable {
    package let line: Int
    package let problem: String
}

extension YAMLNode {
    /// Nodes within nodes.
    private static let depthMax = 16
    /// A dozen times what a board file has. An alias counts as often as it is used: a short text must not make a large tree.
    private static let nodesMax = 4096
    /// libyaml's time grows with the square of the brackets that are open: 60,000 take it five seconds.
    private static let bracketsMax = 1024

    /// Reads the one document of `text`; nil: there is none.
    package static func read(_ text: String) throws(YAMLFault) -> YAMLNode? {
        let bytes = Array(text.utf8)
        guard bytes.count(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }) <= bracketsMax else {
            throw YAMLFault(line: 1, problem: "it has more than \(bracketsMax) brackets")
        }
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLFault(line: 1, problem: "there is no memory to read it")
        }
        defer { yaml_parser_delete(parser) }
        let result = bytes.withUnsafeBufferPointer { bytes -> Result<YAMLNode?, YAMLFault> in
            yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
            do throws(YAMLFault) { return .success(try readOnly(parser, bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// The first document, behind which there must not be another.
    private static func readOnly(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(YAMLFault) -> YAMLNode? {
        var document = try load(parser, bytes)
        defer { yaml_document_delete(&document) }
        guard yaml_document_get_root_node(&document) != nil else { return nil }
        var left = nodesMax
        // libyaml numbers nodes from 1, the root first.
        let root = try make(&document, 1, depth: 0, &left)
        var next = try load(parser, bytes)
        defer { yaml_document_delete(&next) }
        if let other = yaml_document_get_root_node(&next) {
            throw YAMLFault(line: Int(other.pointee.start_mark.line) + 1, problem: "a second document begins; keep one")
        }
        return root
    }

    private static func load(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(YAMLFault) -> yaml_document_t {
        var document = yaml_document_t()
        guard yaml_parser_load(parser, &document) == 1 else {
            let (failed, mark) = (parser.pointee, parser.pointee.problem_mark)
            // What reads the characters knows the byte, not the line.
            let line =
                failed.error == YAML_READER_ERROR
                ? bytes.prefix(Int(failed.problem_offset)).count { $0 == UInt8(ascii: "\n") } : Int(mark.line)
            let words = failed.problem.map { String(cString: $0) } ?? "no memory"
            throw YAMLFault(line: line + 1, problem: "this is not YAML (\(words))")
        }
        return document
    }

    private static func make(
        _ document: inout yaml_document_t, _ number: Int32, depth: Int, _ left: inout Int
    ) throws(YAMLFault) -> YAMLNode {
        guard let node = yaml_document_get_node(&document, number)?.pointee else {
            throw YAMLFault(line: 1, problem: "node \(number) is missing")
        }
        let line = Int(node.start_mark.line) + 1
        left -= 1
        guard left >= 0 else { throw YAMLFault(line: line, problem: "it has more than \(nodesMax) nodes") }
        guard depth < depthMax else { throw YAMLFault(line: line, problem: "it nests deeper than \(depthMax)") }
        switch node.type {
        case YAML_SCALAR_NODE:
            let bytes = UnsafeBufferPointer(start: node.data.scalar.value, count: node.data.scalar.length)
            return YAMLNode(content: .scalar(String(decoding: bytes, as: UTF8.self)), line: line)
        case YAML_SEQUENCE_NODE:
            let items = node.data.sequence.items
            var nodes: [YAMLNode] = []
            for item in UnsafeBufferPointer(start: items.start, count: items.top - items.start) {
                nodes.append(try make(&document, item, depth: depth + 1, &left))
            }
            return YAMLNode(content: .sequence(nodes), line: line)
        default:
            let pairs = node.data.mapping.pairs
            var entries: [Entry] = []
            var keys: Set<String> = []
            for pair in UnsafeBufferPointer(start: pairs.start, count: pairs.top - pairs.start) {
                let key = try make(&document, pair.key, depth: depth + 1, &left)
                guard let name = key.scalar else { throw YAMLFault(line: key.line, problem: "a key must be a word") }
                guard keys.insert(name).inserted else {
                    throw YAMLFault(line: key.line, problem: "\(name) is written twice; keep one")
                }
                let value = try make(&document, pair.value, depth: depth + 1, &left)
                entries.append(Entry(key: name, line: key.line, value: value))
            }
            return YAMLNode(content: .mapping(entries), line: line)
        }
    }
}
