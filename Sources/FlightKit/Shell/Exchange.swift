internal import CContract
internal import Synchronization

/// All that the control thread and the queue thread share. Neither ever waits for the other.
final class Exchange: Sendable {
    /// Commands sent, on their way to the log: 8 s at 500 Hz; what finds no room is counted.
    static let logCapacity = 4096

    /// control → queue: the own state, for the candidate.
    let outgoing: ImageSlot
    /// queue → control: the owner's state.
    let incoming: ImageSlot
    /// Channels in blocks, if the controller has any.
    let memory: BlockMemory?
    let log = Ring<da_command_record>(capacity: logCapacity, filledWith: da_command_record())
    /// Commands that found no room in `log`.
    let unlogged = Atomic<UInt64>(0)
    /// Ticks from cut to cut; 0: nobody asks for any.
    let interval = Atomic<UInt32>(0)
    /// Tick of the cut that the controller stands on; 0: none.
    let stateTick = Atomic<UInt64>(0)
    let isSettled = Atomic<Bool>(false)
    /// Cuts that could not be read, and those that came too late to be replayed.
    let unreadable = Atomic<UInt64>(0)
    let late = Atomic<UInt64>(0)
    /// The control thread has ended: nothing more enters `log`.
    let hasEnded = Atomic<Bool>(false)

    init(_ memory: BlockMemory?) {
        self.memory = memory
        outgoing = ImageSlot(blocks: memory == nil ? 0 : BlockMemory.cutBlocks)
        incoming = ImageSlot(blocks: memory == nil ? 0 : BlockReceiver.stagedMax)
    }
}

/// A mailbox of one state image between two threads: the sender fills it when it is empty, the receiver
/// empties it when it is full.
final class ImageSlot: Sendable {
    private nonisolated(unsafe) let image: StateImage
    private let full = Atomic<Bool>(false)

    /// With room for so many changed blocks.
    init(blocks: Int) { image = StateImage(blocks: blocks) }

    var isFull: Bool { full.load(ordering: .acquiring) }

    /// Sender: fills the image if the slot is empty. False: it is still full, or `fill` had nothing.
    func fill(_ fill: (StateImage) -> Bool) -> Bool {
        guard !isFull, fill(image) else { return false }
        full.store(true, ordering: .releasing)
        return true
    }

    /// Receiver: looks at the image if the slot is full, and empties it if `take` says true.
    func empty(_ take: (StateImage) -> Bool) {
        guard isFull, take(image) else { return }
        full.store(false, ordering: .releasing)
    }
}

/// A ring of plain values from one thread to one other.
final class Ring<Element: BitwiseCopyable & Sendable>: Sendable {
    private nonisolated(unsafe) let slots: UnsafeMutablePointer<Element>
    private let capacity: UInt64
    private let written = Atomic<UInt64>(0)
    private let read = Atomic<UInt64>(0)

    /// The memory is touched here.
    init(capacity: Int, filledWith element: Element) {
        precondition(capacity > 0)
        self.capacity = UInt64(capacity)
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: element, count: capacity)
    }

    deinit { slots.deallocate() }

    /// Sender: false when there is no room.
    func push(_ element: Element) -> Bool {
        let at = written.load(ordering: .relaxed)
        guard at &- read.load(ordering: .acquiring) < capacity else { return false }
        slots[Int(at % capacity)] = element
        written.store(at &+ 1, ordering: .releasing)
        return true
    }

    /// Receiver: the oldest, if there is one.
    func pop() -> Element? {
        let at = read.load(ordering: .relaxed)
        guard at != written.load(ordering: .acquiring) else { return nil }
        let element = slots[Int(at % capacity)]
        read.store(at &+ 1, ordering: .releasing)
        return element
    }
}
