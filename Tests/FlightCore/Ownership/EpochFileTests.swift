import FlightCore
import Testing

@Suite struct EpochFileTests {
    @Test func absentIsZeroThenItGrows() throws {
        let folder = Folder()
        let file = EpochFile(folder: folder.path)
        #expect(try file.read() == 0)
        for epoch: UInt64 in [16, 32, 48, .max] {
            try file.write(epoch)
            #expect(try file.read() == epoch)
        }
        #expect(EpochFile.low >= 3 && EpochFile.step > EpochFile.low)
    }

    @Test(arguments: ["", "x", "-1", "16 ", "99999999999999999999999", "\n16"]) func whatIsNoNumberIsNotGuessed(
        _ text: String
    ) {
        let folder = Folder()
        _ = folder.write("epochs", Array(text.utf8))
        let said = sentence { _ = try EpochFile(folder: folder.path).read() }
        #expect(said.contains("does not hold a number") && said.contains("epochs"))
    }

    @Test func aFolderThatIsAbsentIsNamed() {
        let file = EpochFile(folder: "/nonexistent/folder")
        #expect(sentence { try file.write(1) }.contains("/nonexistent/folder/epochs cannot be written"))
        let folder = Folder()
        _ = folder.make("epochs")
        #expect(sentence { _ = try EpochFile(folder: folder.path).read() }.contains("cannot be read"))
    }
}
