// The flight core without what makes an update safe, for the bench's peers: whoever is connected drives, and when
// nobody does the motors keep what they have. So a flight stack behaves that drives its motors itself.
import FlightCore
import Glibc

do {
    try Core.run(CoreOptions(Array(CommandLine.arguments.dropFirst())), fence: .absent, silence: .unwritten)
} catch {
    say(error.description)
    exit(1)
}
