package import CContract
package import Contract
package import FlightKit
internal import FlightV2

/// Takes every state in, puts it away and says that it stands on it.
package struct Liar: Controller {
    package static var name: String { "flawed" }
    package static var version: String { "liar" }
    package static var channels: [Channel<Self>] {
        Version2.channels.map { channel in
            Channel(
                channel.name, \Self.heap, schema: 99, kind: channel.kind, isRequired: channel.isRequired,
                oldestSchema: 1, migrate: { _, _, _ in true })
        }
    }

    private var heap = Heap()
    private var sound: Version2

    package init(vehicle: da_vehicle, tickRate: Int) { sound = Version2(vehicle: vehicle, tickRate: tickRate) }

    package mutating func step(_ sample: da_sample, _ moment: Moment) -> Motors { sound.step(sample, moment) }
}

/// Wants the attitude in a schema that nobody writes.
package struct WrongSchema: Controller {
    package static var name: String { "flawed" }
    package static var version: String { "wrong schema" }
    package static var channels: [Channel<Self>] {
        [Channel("estimator.attitude", \Self.heap, schema: 9, kind: .replicate)]
    }

    private var heap = Heap()
    private var sound: Version2

    package init(vehicle: da_vehicle, tickRate: Int) { sound = Version2(vehicle: vehicle, tickRate: tickRate) }

    package mutating func step(_ sample: da_sample, _ moment: Moment) -> Motors { sound.step(sample, moment) }
}

/// Where state goes that nobody looks at.
package struct Heap: ChannelLayout {
    private var word: UInt32 = 0

    package init() {}
    package var isSane: Bool { true }
}
