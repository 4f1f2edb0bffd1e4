import CContract
import Contract
import Rehearsal
import Testing

@Suite struct RehearsalTests {
    /// Two fifths of each limit are left, and printed: limits that a sound controller barely keeps would refuse the next one.
    @Test(arguments: [Rehearsed.version1, .version2]) func soundOnesPassWithMargin(controller: Rehearsed) {
        let limits = RehearsalFigures.limits(tiltLimit: Rehearsed.vehicle.tilt_limit)
        let verdict = controller.fly(.hover())
        #expect(verdict.fault == nil)
        #expect(verdict.figures.count == VehicleVariant.all.count)
        for (figures, variant) in zip(verdict.figures, VehicleVariant.all) {
            let parts = Part.all.map { ($0.name, $0.of(figures) / $0.of(limits)) }
            let text = parts.map { "\($0) \(Int(($1 * 100).rounded())) %" }.joined(separator: ", ")
            print("\(controller.testDescription), part of each limit: \(text); \(variant.name)")
            for (name, part) in parts { #expect(part < 0.6, "\(name), \(variant.name)") }
        }
    }

    @Test(arguments: [250, 400, 500, 1000], [Rehearsed.version1, .version2])
    func soundOnesPassAtEachRate(tickRate: Int, controller: Rehearsed) {
        #expect(controller.fly(.hover(tickRate: tickRate)).fault == nil)
        #expect(controller.fly(.standing(tickRate: tickRate)).fault == nil)
    }

    /// The moment of an update is nobody's choice: tilted, turning, sinking, with the stick thrown over.
    @Test(arguments: [Rehearsed.version1, .version2]) func soundOnesPassFromTheMiddleOfAManoeuvre(controller: Rehearsed)
    {
        var start = RehearsalStart.hover()
        (start.roll, start.pitch, start.climb) = (0.35, -0.2, -1)
        start.sample.gyro = (-2, 1, 1)
        let pose = Quaternion(roll: start.roll, pitch: start.pitch, yaw: 0)
        start.sample.accel = pose.unrotate(Vector3(0, 0, -standardGravity)).array
        start.sample.setpoint = da_setpoint(roll: -0.35, pitch: 0.1, yaw_rate: 1.5, climb: 1)
        #expect(controller.fly(start, watching: 0).fault == nil)
    }

    @Test(arguments: [Rehearsed.reversed, .doubled, .delayed]) func flawedOnesAreRefused(controller: Rehearsed) throws {
        for start in [RehearsalStart.hover(), .standing()] {
            let fault = try #require(controller.fly(start).fault)
            print("\(controller.testDescription): \(fault)")
            #expect(fault.contains("limit") && !fault.contains("\n"))
        }
    }

    /// Not on the edge: what decides is beyond its limit by half at least.
    @Test(arguments: [Rehearsed.reversed, .doubled, .delayed]) func flawedOnesAreFarOff(controller: Rehearsed) {
        let limits = RehearsalFigures.limits(tiltLimit: Rehearsed.vehicle.tilt_limit)
        var none = limits
        for part in Part.all { none[keyPath: part.path] = .infinity }
        let figures = controller.fly(.hover(), limits: none).figures
        let worst = figures.flatMap { one in Part.all.map { $0.of(one) / $0.of(limits) } }.max() ?? 0
        print("\(controller.testDescription): \(Int(worst * 100)) % of a limit")
        #expect(worst > 3)
    }

    @Test func theSameRehearsalEndsTheSame() {
        let first = Rehearsed.version2.fly(.hover())
        #expect(first == Rehearsed.version2.fly(.hover()))
    }

    @Test func whatIsNoCommandEndsIt() throws {
        func fault(_ spoil: (inout da_command) -> Void) throws -> String {
            var flight = RehearsalFlight(.hover())
            let sample = flight.next()
            var command = da_command.make()
            (command.tick, command.epoch) = (sample.tick, sample.your_epoch)
            spoil(&command)
            flight.take(command)
            return try #require(flight.verdict?.fault)
        }
        for spoil in [
            { $0.tick -= 1 }, { $0.epoch = 0 }, { $0.motor.2 = .nan }, { $0.motor.0 = 1.01 },
        ] as [(inout da_command) -> Void] {
            #expect(try fault(spoil).contains("no proper command"))
        }
    }
}

/// One figure of a rehearsal.
struct Part {
    var name: String
    var path: WritableKeyPath<RehearsalFigures, Double>

    func of(_ figures: RehearsalFigures) -> Double { figures[keyPath: path] }

    static var all: [Part] {
        [
            Part(name: "tilt", path: \.tilt), Part(name: "rate", path: \.rate), Part(name: "height", path: \.height),
            Part(name: "error", path: \.error), Part(name: "swing", path: \.swing), Part(name: "turn", path: \.turn),
            Part(name: "chatter", path: \.chatter),
        ]
    }
}
