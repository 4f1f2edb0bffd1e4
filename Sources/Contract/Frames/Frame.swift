public import CContract

/// Kinds of frames, as Swift sees `enum da_kind`.
public enum FrameKind: UInt8, Sendable, CaseIterable {
    case hello = 1
    case command = 2
    case welcome = 3
    case sample = 4
    case request = 16
    case reply = 17
    case introduce = 32
    case offer = 33
    case need = 34
    case stream = 35
    case cut = 36
    case acknowledge = 37
    case ready = 38
    case retire = 39
    case blocks = 40
    case taken = 41
}

/// A fixed-layout frame of the contract that begins with a header.
public protocol Frame {
    static var kind: FrameKind { get }
    var header: da_header { get set }
    init()
}

extension da_hello: Frame { public static var kind: FrameKind { .hello } }
extension da_command: Frame { public static var kind: FrameKind { .command } }
extension da_welcome: Frame { public static var kind: FrameKind { .welcome } }
extension da_sample: Frame { public static var kind: FrameKind { .sample } }
extension da_request: Frame { public static var kind: FrameKind { .request } }
extension da_reply: Frame { public static var kind: FrameKind { .reply } }

/// What is wrong with a frame that arrived; each is one sentence for a person.
public enum FrameFault: Error, Equatable, Sendable, CustomStringConvertible {
    case short(bytes: Int, needed: Int)
    case magic(UInt16)
    case version(UInt8)
    case kind(UInt8, expected: FrameKind)
    case size(declared: UInt32, arrived: Int)
    case checksum
    case count(UInt32, limit: Int)
    case body(String)

    public var description: String {
        switch self {
        case .short(let bytes, let needed):
            "The frame has \(bytes) bytes where \(needed) are needed; send whole structs of the contract header."
        case .magic(let magic):
            "The frame begins with 0x\(String(magic, radix: 16)) instead of 0xda9e; it is none of this contract."
        case .version(let version):
            "The frame has contract version \(version), this side speaks \(DA_CONTRACT_VERSION); rebuild against its header."
        case .kind(let kind, let expected):
            "The frame is of kind \(kind) where \(expected) (\(expected.rawValue)) was expected."
        case .size(let declared, let arrived):
            "The frame declares \(declared) bytes but \(arrived) arrived; the size counts the header too."
        case .checksum:
            "The body's CRC-32C does not match its header; the message was damaged or cut."
        case .count(let count, let limit):
            "The message announces \(count) entries where at most \(limit) fit."
        case .body(let what):
            printable(what)
        }
    }
}

extension Frame {
    /// Zeroed, with its header filled in.
    @inlinable @inline(__always)
    public static func make() -> Self {
        var frame = Self()
        frame.header = da_header(
            magic: UInt16(DA_MAGIC), version: UInt8(DA_CONTRACT_VERSION), kind: kind.rawValue,
            size: UInt32(MemoryLayout<Self>.size))
        return frame
    }

    /// The frame in `bytes`, if magic, version, kind and size are right. No allocation.
    @inlinable
    public static func read(_ bytes: UnsafeRawBufferPointer) -> Result<Self, FrameFault> {
        guard bytes.count >= MemoryLayout<Self>.size else {
            return .failure(.short(bytes: bytes.count, needed: MemoryLayout<Self>.size))
        }
        var frame = Self()
        withUnsafeMutableBytes(of: &frame) {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[0..<$0.count]))
        }
        if let fault = frame.header.fault(kind: kind, arrived: bytes.count) { return .failure(fault) }
        return .success(frame)
    }

    /// The frame's bytes. Allocates; not for the tick.
    public var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
}

extension da_header {
    /// What is wrong with this header of a frame of `arrived` bytes; nil if nothing.
    @inlinable
    public func fault(kind expected: FrameKind, arrived: Int) -> FrameFault? {
        guard magic == UInt16(DA_MAGIC) else { return .magic(magic) }
        guard version == UInt8(DA_CONTRACT_VERSION) else { return .version(version) }
        guard kind == expected.rawValue else { return .kind(kind, expected: expected) }
        guard Int(size) == arrived else { return .size(declared: size, arrived: arrived) }
        return nil
    }
}
