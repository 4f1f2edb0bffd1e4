/// Four motor commands, 0 to 1, in the contract's order (front right, rear left, front left, rear right).
public typealias Motors = InlineArray<4, Float>

extension InlineArray where count == 4, Element == Float {
    /// From a C array.
    @inlinable @inline(__always)
    public init(_ array: (Float, Float, Float, Float)) {
        self = [array.0, array.1, array.2, array.3]
    }

    /// As a C array.
    @inlinable @inline(__always)
    public var array: (Float, Float, Float, Float) { (self[0], self[1], self[2], self[3]) }

    /// All finite and within 0...1.
    @inlinable @inline(__always)
    public var isCommand: Bool {
        for index in 0..<4 where !(self[index] >= 0 && self[index] <= 1) { return false }
        return true
    }

    @inlinable @inline(__always)
    public var isFinite: Bool {
        for index in 0..<4 where !self[index].isFinite { return false }
        return true
    }

    /// Equal bit by bit, so that NaN equals itself and -0 differs from 0.
    @inlinable @inline(__always)
    public func sameBits(_ other: Self) -> Bool {
        for index in 0..<4 where self[index].bitPattern != other[index].bitPattern { return false }
        return true
    }
}
