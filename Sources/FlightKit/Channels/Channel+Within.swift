extension Channel {
    /// The same channel of a controller that is a stored property of another one: for a controller that wraps one.
    public func within<Outer: Controller>(_ path: WritableKeyPath<Outer, C>) -> Channel<Outer> {
        // As in `init`: at a container's start, before its hello.
        guard let start = MemoryLayout<Outer>.offset(of: path) else {
            preconditionFailure("The controller of channel '\(name)' must be a stored property of \(Outer.self).")
        }
        let read = read
        return Channel<Outer>(
            name: name, schema: schema, kind: kind, isRequired: isRequired, settleMilliseconds: settleMilliseconds,
            oldestSchema: oldestSchema, offset: start + offset, bytes: bytes
        ) { outer, sent, bytes in
            withUnsafeMutableBytes(of: &outer) { whole in
                let place = whole.baseAddress.unsafelyUnwrapped + start
                var inner = place.loadUnaligned(as: C.self)
                guard read(&inner, sent, bytes) else { return false }
                place.storeBytes(of: inner, as: C.self)
                return true
            }
        }
    }
}
