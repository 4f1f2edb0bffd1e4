public import CContract
public import Contract

/// A controller's type, made into functions, so that the threads below need not be generic.
@usableFromInline
struct Program: Sendable {
    @usableFromInline let name: String
    @usableFromInline let version: String
    @usableFromInline let offers: [ChannelOffer]
    @usableFromInline let needs: [ChannelNeed]
    /// The memory of its channels in blocks, if it has any. Allocates.
    @usableFromInline let memory: @Sendable () -> BlockMemory?
    /// A cold instance. Allocates.
    @usableFromInline let start: @Sendable (da_welcome, BlockMemory?) -> RunningInstance
    /// An image as a message's content. Allocates.
    @usableFromInline let cut: @Sendable (StateImage) -> StateCut
    /// A message's content into an image; what is wrong with it. Allocates.
    @usableFromInline let take: @Sendable (StateCut, StateImage) -> String?

    @inlinable
    init<C: Controller>(_: C.Type) {
        name = C.name
        version = C.version
        offers = C.offers
        needs = C.needs
        memory = { BlockMemory.make(for: C.self) }
        start = { welcome, memory in
            let instance = FlightInstance<C>(
                vehicle: welcome.vehicle, tickRate: Int(max(welcome.tick_rate, 1)), memory: memory)
            return RunningInstance(
                answer: { instance.answer($0) }, apply: { instance.apply($0) }, export: { instance.export(into: $0) })
        }
        cut = { $0.cut(for: C.channels) }
        take = { $1.take($0, for: C.channels) }
    }
}

/// A `FlightInstance`, whatever its controller. Belongs to the control thread; none of the three allocates.
@usableFromInline
struct RunningInstance {
    @usableFromInline let answer: (da_sample) -> da_command
    @usableFromInline let apply: (StateImage) -> CutOutcome
    @usableFromInline let export: (StateImage) -> Bool

    @inlinable
    init(
        answer: @escaping (da_sample) -> da_command, apply: @escaping (StateImage) -> CutOutcome,
        export: @escaping (StateImage) -> Bool
    ) {
        self.answer = answer
        self.apply = apply
        self.export = export
    }
}
