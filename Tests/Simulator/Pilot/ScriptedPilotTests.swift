import CContract
import Simulator
import Testing

@Suite struct ScriptedPilotTests {
    private let pilot = ScriptedPilot(manoeuvreSeconds: 60)

    @Test func asksForOneThingAfterTheOther() {
        var wishes: [PilotWish] = []
        for step in 0..<800 {
            let wish = pilot.ask(at: Double(step) / 10).wish
            if wishes.last != wish { wishes.append(wish) }
        }
        #expect(wishes == [.wait, .arm, .takeoff(height: 5), .fly, .land])
    }

    @Test func theScriptComesBackToItsHeightAndStaysInRange() {
        var height = 5.0
        var range = height...height
        for segment in ScriptedPilot.script {
            height += Double(segment.setpoint.climb) * segment.seconds
            range = min(range.lowerBound, height)...max(range.upperBound, height)
        }
        #expect(abs(height - 5) < 1e-6)
        #expect(range.lowerBound >= 3 && range.upperBound <= 12)
        let turned = ScriptedPilot.script.reduce(0) { $0 + Double($1.setpoint.yaw_rate) * $1.seconds }
        #expect(abs(turned) < 1e-6)
    }

    @Test func everyInstantIsInsideAManoeuvreOfTheStatedSize() {
        var seen: Set<String> = []
        for step in 0..<6000 {
            let setpoint = pilot.ask(at: pilot.manoeuvresBegin + Double(step) / 100).setpoint
            let lean = max(abs(setpoint.roll), abs(setpoint.pitch))
            #expect(lean > 0 || setpoint.yaw_rate != 0)
            #expect(lean == 0 || abs(lean - 0.349_066) < 1e-5)
            #expect(setpoint.yaw_rate == 0 || abs(abs(setpoint.yaw_rate) - 1.570_796) < 1e-5)
            #expect(abs(setpoint.climb) == 0 || abs(setpoint.climb) == 1)
            seen.insert("\(setpoint.roll.sign) \(setpoint.pitch) \(setpoint.yaw_rate) \(setpoint.climb)")
        }
        #expect(seen.count >= 8)
    }
}
