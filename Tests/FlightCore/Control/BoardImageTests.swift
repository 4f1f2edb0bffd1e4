import CContract
import FlightCore
import Testing

@Suite struct BoardImageTests {
    private func bytes(_ change: (inout da_board) -> Void = { _ in }) -> [UInt8] {
        var board = testBoard()
        change(&board)
        board.checksum = BoardImage.checksum(board)
        return withUnsafeBytes(of: board) { Array($0) }
    }

    private func complaint(_ bytes: [UInt8]) -> String {
        let folder = Folder()
        let path = folder.write("board.bin", bytes)
        let said = sentence { _ = try BoardImage.read(path) }
        #expect(said.isEmpty || said.contains(path), "\(said) does not say where")
        return said
    }

    @Test func aGoodOneIsRead() throws {
        let folder = Folder()
        let board = try BoardImage.read(folder.write("board.bin", bytes()))
        #expect(board.hash == testBoard().hash && board.tick_rate == 500)
        #expect(complaint(bytes()).isEmpty)
    }

    @Test func whatIsWrongIsSaid() {
        #expect(sentence { _ = try BoardImage.read("/nonexistent/board.bin") }.contains("droneagent board compile"))
        #expect(complaint([]).contains("no compiled board file"))
        #expect(complaint(Array("tick:\n  rate_hz: 500\n".utf8)).contains("no compiled board file"))
        #expect(complaint(Array(bytes().prefix(400))).contains("damaged"))
        #expect(complaint(bytes { $0.version = 3 }).contains("version 3"))
        #expect(complaint(bytes { $0.size = 570 }).contains("version"))
        #expect(complaint(bytes { $0.tick_rate = 501 }).contains("501 Hz"))
        #expect(complaint(bytes { $0.motor_channel = (0, 1, 2, 2) }).contains("four neighbours"))
        #expect(complaint(bytes { $0.motor_channel = (0, 1, 2, 4) }).contains("four neighbours"))
        #expect(complaint(bytes { $0.motor_channel = (13, 14, 15, 16) }).contains("four neighbours"))
        #expect(complaint(bytes { $0.motor_channel = (15, 13, 12, 14) }).isEmpty)
        let receiver = receiverBoard().receiver
        #expect(complaint(bytes { $0.receiver = receiver }).isEmpty)
        for change: (inout da_board_receiver) -> Void in [
            { $0.channel = (0, 2, 3, 4) }, { $0.channel = (1, 2, 3, 13) }, { $0.channel = (1, 2, 2, 4) },
            { $0.failsafe_channel = 13 }, { $0.failsafe_below = .nan }, { $0.deadband = .infinity },
            { $0.range = (0.0015, 0.001, 0.002) }, { $0.range = (0.001, 0.0015, .nan) }, { $0.deadband = 0.0005 },
        ] {
            var wrong = receiver
            change(&wrong)
            #expect(complaint(bytes { $0.receiver = wrong }).contains("receiver with a channel or a range"))
        }
        #expect(complaint(bytes { $0.motor_channel = (255, 254, 253, 252) }).contains("four neighbours"))
    }

    @Test func everyDamagedByteIsNoticed() {
        let good = bytes()
        let folder = Folder()
        for index in good.indices {
            var damaged = good
            damaged[index] ^= 0x40
            let path = folder.write("board.bin", damaged)
            #expect(!sentence { _ = try BoardImage.read(path) }.isEmpty, "byte \(index)")
        }
    }
}
