package import CContract
package import Contract
package import FlightKit
package import FlightV2

/// A sound controller with one flaw behind it.
package struct FlawedController<Sound: Controller, Wrong: Flaw>: Controller {
    package static var name: String { "flawed" }
    package static var version: String { Wrong.name }
    package static var warmUpMilliseconds: UInt32 { Sound.warmUpMilliseconds }
    package static var channels: [Channel<Self>] { Sound.channels.map { $0.within(\Self.sound) } }

    private var sound: Sound
    private var flaw: Wrong

    package init(vehicle: da_vehicle, tickRate: Int) {
        sound = Sound(vehicle: vehicle, tickRate: tickRate)
        flaw = Wrong(vehicle: vehicle, tickRate: tickRate)
    }

    package mutating func step(_ sample: da_sample, _ moment: Moment) -> Motors {
        let wanted = sound.step(sample, moment)
        flaw.see(sample)
        return sample.mode <= UInt8(DA_MODE_ARMED.rawValue) ? wanted : flaw.spoil(wanted)
    }
}

package typealias Version2 = ReducedAttitudeController
