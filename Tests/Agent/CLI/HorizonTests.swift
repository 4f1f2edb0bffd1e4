import CLI
import Testing

@Suite("The artificial horizon, in text")
struct HorizonTests {
    private func lines(roll: Float = 0, pitch: Float = 0) -> [String] {
        Horizon.lines(roll: roll * .pi / 180, pitch: pitch * .pi / 180)
    }

    private let sky = String(repeating: " ", count: 25)
    private let ground = String(repeating: ".", count: 25)
    private let edge = String(repeating: "-", count: 25)

    @Test("Level: half of it is ground") func level() {
        #expect(lines() == [sky, sky, sky, "-----------=o=-----------", ground, ground, ground])
    }

    @Test("Right wing down: the ground rises on the right") func right() {
        #expect(
            lines(roll: 30) == [
                "                     ////",
                "                  ///....",
                "              ////.......",
                "           =o=...........",
                "       ////..............",
                "    ///..................",
                "////.....................",
            ])
    }

    @Test("Left wing down and nose up") func left() {
        #expect(
            lines(roll: -45, pitch: 10) == [
                #"...\\                    "#,
                #".....\\                  "#,
                #".......\\                "#,
                #".........\\=o=           "#,
                #"...........\\            "#,
                #".............\\          "#,
                #"...............\\        "#,
            ])
    }

    @Test("On its side and on its back") func upright() {
        #expect(
            lines(roll: 90)
                == (0..<7).map { ($0 == 3 ? "           =o=" : "            |.") + "..........." })
        #expect(lines(roll: 180, pitch: 10) == [ground, ground, edge, "           =o=           ", sky, sky, sky])
    }

    @Test("Nose up far enough there is no ground, and the other way round") func nose() {
        #expect(lines(pitch: 20) == [sky, sky, sky, "           =o=           ", sky, edge, ground])
        let down = lines(pitch: -40)
        #expect(down[3] == "...........=o=..........." && down.indices.allSatisfy { $0 == 3 || down[$0] == ground })
    }

    @Test("Whatever the angles, it has its size", arguments: [-400, -90, 0, 33, 180, .nan, .infinity] as [Float])
    func size(_ angle: Float) {
        for lines in [lines(roll: angle), lines(pitch: angle)] {
            #expect(lines.count == Horizon.rows && lines.allSatisfy { $0.count == Horizon.columns })
        }
    }
}
