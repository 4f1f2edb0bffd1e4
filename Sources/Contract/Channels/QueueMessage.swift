internal import CContract

/// A message of the handover queue. Encoding and decoding allocate; both run below the control thread.
public enum QueueMessage: Equatable, Sendable {
    /// container → agent, first: who speaks.
    case introduce(name: String, version: String)
    /// container → agent: what it could hand over as owner.
    case offer([ChannelOffer])
    /// container → agent: what it needs as candidate; agent → owner: what its candidate needs of channels in blocks.
    case need([ChannelNeed])
    /// agent → owner: send a cut every `interval` ticks, at most `window` unacknowledged; interval 0: stop.
    case stream(interval: UInt32, window: UInt32)
    /// owner → agent → candidate.
    case cut(StateCut)
    /// agent → owner: cut of `tick` is safe; candidate → agent: it is applied.
    case acknowledge(tick: UInt64)
    /// candidate → agent: in step on cut `tick`, warm and settled.
    case ready(tick: UInt64)
    /// agent → container: end soon.
    case retire
    /// owner → agent → candidate: a share of the channels in blocks.
    case blocks(BlockPiece)
    /// candidate → agent → owner: all pieces up to this one are taken in; 0: begin anew.
    case taken(piece: UInt64)
}

extension QueueMessage {
    private static let headerBytes = MemoryLayout<da_queue_header>.size

    private var kind: FrameKind {
        switch self {
        case .introduce: .introduce
        case .offer: .offer
        case .need: .need
        case .stream: .stream
        case .cut: .cut
        case .acknowledge: .acknowledge
        case .ready: .ready
        case .retire: .retire
        case .blocks: .blocks
        case .taken: .taken
        }
    }

    /// The message as one frame, numbered `sequence`.
    public func encoded(sequence: UInt64) -> [UInt8] {
        var body: [UInt8] = []
        var tick: UInt64 = 0
        var count = 0
        switch self {
        case .introduce(let name, let version):
            var entry = da_introduction()
            fill(&entry.name, with: name)
            fill(&entry.version, with: version)
            append(entry, to: &body)
            count = 1
        case .offer(let offers):
            for offer in offers { append(da_channel_offer(offer), to: &body) }
            count = offers.count
        case .need(let needs):
            for need in needs { append(da_channel_need(need), to: &body) }
            count = needs.count
        case .stream(let interval, let window):
            append(da_stream(interval: interval, window: window), to: &body)
            count = 1
        case .cut(let cut):
            tick = cut.tick
            count = cut.channels.count
            for channel in cut.channels {
                var entry = da_channel_state()
                fill(&entry.name, with: channel.name)
                entry.schema = channel.schema
                entry.bytes = UInt32(channel.bytes.count)
                append(entry, to: &body)
                body += channel.bytes
                body += [UInt8](repeating: 0, count: padding(channel.bytes.count))
            }
        case .acknowledge(let at), .ready(let at), .taken(let at):
            tick = at
        case .blocks(let piece):
            tick = piece.number
            count = piece.runs.count
            body.reserveCapacity(piece.stateBytes + count * MemoryLayout<da_block_run>.size)
            for run in piece.runs {
                var entry = da_block_run()
                fill(&entry.name, with: run.channel)
                entry.first = run.first
                entry.count = UInt32(run.blocks)
                append(entry, to: &body)
                body += run.bytes
            }
        case .retire:
            break
        }
        var header = da_queue_header()
        header.header = da_header(
            magic: UInt16(DA_MAGIC), version: UInt8(DA_CONTRACT_VERSION), kind: kind.rawValue,
            size: UInt32(Self.headerBytes + body.count))
        header.sequence = sequence
        header.tick = tick
        header.count = UInt32(count)
        header.checksum = checksum(body[...])
        return withUnsafeBytes(of: header) { Array($0) } + body
    }

    /// Reads one frame and its sequence number.
    ///
    /// - Throws: `FrameFault` for a frame that is short, long, damaged, of another version or out of bounds.
    public static func decode(_ frame: [UInt8]) throws(FrameFault) -> (message: QueueMessage, sequence: UInt64) {
        guard frame.count >= headerBytes else { throw .short(bytes: frame.count, needed: headerBytes) }
        guard frame.count <= Int(DA_CUT_BYTES) else {
            throw .body("The message has \(frame.count) bytes; one carries at most \(DA_CUT_BYTES).")
        }
        let header = load(da_queue_header(), from: frame[..<headerBytes])
        guard let kind = FrameKind(rawValue: header.header.kind), kind.rawValue >= FrameKind.introduce.rawValue else {
            throw .kind(header.header.kind, expected: .introduce)
        }
        if let fault = header.header.fault(kind: kind, arrived: frame.count) { throw fault }
        let body = frame[headerBytes...]
        guard checksum(body) == header.checksum else { throw .checksum }
        var reader = BodyReader(body)
        let message = try message(kind, header, &reader)
        guard reader.isAtEnd else { throw .body("The message goes on after its last entry; its count is wrong.") }
        return (message, header.sequence)
    }

    private static func message(
        _ kind: FrameKind, _ header: da_queue_header, _ reader: inout BodyReader
    ) throws(FrameFault) -> QueueMessage {
        let limit = Int(DA_CHANNELS)
        guard header.count <= limit else { throw .count(header.count, limit: limit) }
        switch kind {
        case .introduce:
            let entry = try reader.next(da_introduction())
            return .introduce(name: text(entry.name), version: text(entry.version))
        case .offer:
            var offers: [ChannelOffer] = []
            for _ in 0..<header.count { offers.append(try ChannelOffer(reader.next(da_channel_offer()))) }
            return .offer(offers)
        case .need:
            var needs: [ChannelNeed] = []
            for _ in 0..<header.count { needs.append(try ChannelNeed(reader.next(da_channel_need()))) }
            return .need(needs)
        case .stream:
            let entry = try reader.next(da_stream())
            return .stream(interval: entry.interval, window: entry.window)
        case .cut:
            var channels: [ChannelState] = []
            for _ in 0..<header.count {
                let entry = try reader.next(da_channel_state())
                let bytes = try reader.take(Int(entry.bytes))
                _ = try reader.take(padding(bytes.count))
                channels.append(ChannelState(name: text(entry.name), schema: entry.schema, bytes: bytes))
            }
            return .cut(StateCut(tick: header.tick, channels: channels))
        case .acknowledge:
            return .acknowledge(tick: header.tick)
        case .ready:
            return .ready(tick: header.tick)
        case .retire:
            return .retire
        case .blocks:
            return .blocks(try piece(header, &reader))
        case .taken:
            return .taken(piece: header.tick)
        case .hello, .command, .welcome, .sample, .request, .reply:
            throw .kind(kind.rawValue, expected: .introduce)
        }
    }
}

extension QueueMessage {
    private static func piece(
        _ header: da_queue_header, _ reader: inout BodyReader
    ) throws(FrameFault) -> BlockPiece {
        var piece = BlockPiece(number: header.tick, runs: [])
        var blocks = 0
        for _ in 0..<header.count {
            let entry = try reader.next(da_block_run())
            blocks += Int(entry.count)
            guard blocks <= BlockPiece.blocksMax else {
                throw .body("The piece has more than \(BlockPiece.blocksMax) blocks; send the others in the next one.")
            }
            let bytes = try reader.take(Int(entry.count) * BlockPiece.blockBytes)
            piece.runs.append(BlockPiece.Run(channel: text(entry.name), first: entry.first, bytes: bytes))
        }
        return piece
    }
}

/// Bytes that fill a state up to a multiple of 8.
private func padding(_ count: Int) -> Int { (8 - count % 8) % 8 }

/// A C struct out of its bytes; `zero` gives the type.
private func load<Entry>(_ zero: Entry, from bytes: ArraySlice<UInt8>) -> Entry {
    var entry = zero
    precondition(bytes.count == MemoryLayout<Entry>.size)
    withUnsafeMutableBytes(of: &entry) { $0.copyBytes(from: bytes) }
    return entry
}

private func checksum(_ body: ArraySlice<UInt8>) -> UInt32 {
    body.withUnsafeBytes { bytes in bytes.baseAddress.map { da_crc32c($0, UInt64(bytes.count)) } ?? 0 }
}

private func append<Entry>(_ entry: Entry, to body: inout [UInt8]) {
    withUnsafeBytes(of: entry) { body.append(contentsOf: $0) }
}

/// Walks a body from entry to entry and refuses to leave it.
private struct BodyReader {
    private var rest: ArraySlice<UInt8>

    init(_ body: ArraySlice<UInt8>) { rest = body }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) throws(FrameFault) -> [UInt8] {
        guard count <= rest.count else {
            throw .body("The message ends inside an entry: \(count) bytes are announced, \(rest.count) are left.")
        }
        let bytes = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return bytes
    }

    mutating func next<Entry>(_ zero: Entry) throws(FrameFault) -> Entry {
        load(zero, from: try take(MemoryLayout<Entry>.size)[...])
    }
}

extension da_channel_offer {
    fileprivate init(_ offer: ChannelOffer) {
        self.init()
        fill(&name, with: offer.name)
        schema = offer.schema
        kind = offer.kind.rawValue
        bytes = offer.bytes
        rate = offer.rate
        form = offer.form.rawValue
        pace = offer.pace
    }
}

extension da_channel_need {
    fileprivate init(_ need: ChannelNeed) {
        self.init()
        fill(&name, with: need.name)
        schema_min = need.schemas.lowerBound
        schema_max = need.schemas.upperBound
        kind = need.kind.rawValue
        required = need.required ? 1 : 0
        settle_ms = need.settleMilliseconds
        form = need.form.rawValue
        bytes = need.bytes
    }
}

extension ChannelOffer {
    fileprivate init(_ entry: da_channel_offer) throws(FrameFault) {
        guard let kind = ChannelKind(rawValue: entry.kind) else {
            throw .body(
                "Channel '\(text(entry.name))' has kind \(entry.kind); it must be 0 seed, 1 replicate or 2 observe.")
        }
        let form = try ChannelForm(entry.form, of: entry.name, bytes: entry.bytes)
        guard form == .blocks || entry.bytes <= UInt32(DA_CUT_BYTES) else {
            throw .body(
                "Channel '\(text(entry.name))' offers \(entry.bytes) bytes; one cut carries \(DA_CUT_BYTES), more than that goes in blocks."
            )
        }
        self.init(
            name: text(entry.name), schema: entry.schema, kind: kind, bytes: entry.bytes, rate: entry.rate, form: form,
            pace: entry.pace)
    }
}

extension ChannelNeed {
    fileprivate init(_ entry: da_channel_need) throws(FrameFault) {
        guard let kind = ChannelKind(rawValue: entry.kind) else {
            throw .body(
                "Channel '\(text(entry.name))' has kind \(entry.kind); it must be 0 seed, 1 replicate or 2 observe.")
        }
        guard entry.schema_min <= entry.schema_max else {
            throw .body(
                "Channel '\(text(entry.name))' needs schemas \(entry.schema_min) to \(entry.schema_max); turn them around."
            )
        }
        self.init(
            name: text(entry.name), schemas: entry.schema_min...entry.schema_max, kind: kind,
            required: entry.required != 0, settleMilliseconds: entry.settle_ms,
            form: try ChannelForm(entry.form, of: entry.name, bytes: entry.bytes), bytes: entry.bytes)
    }
}

extension ChannelForm {
    /// `name` in zero-terminated UTF-8; in blocks, the size must fit them.
    fileprivate init<Name: BitwiseCopyable>(_ value: UInt8, of name: Name, bytes: UInt32) throws(FrameFault) {
        guard let form = ChannelForm(rawValue: value) else {
            throw .body("Channel '\(text(name))' has form \(value); it must be 0 whole or 1 blocks.")
        }
        guard form == .whole || (bytes <= UInt32(DA_BLOCKS_BYTES) && bytes % UInt32(DA_BLOCK_BYTES) == 0) else {
            throw .body(
                "Channel '\(text(name))' has \(bytes) bytes; in blocks it is a multiple of \(DA_BLOCK_BYTES) and at most \(DA_BLOCKS_BYTES)."
            )
        }
        self = form
    }
}
