import FlightCore
import Glibc

do {
    try Core.run(CoreOptions(Array(CommandLine.arguments.dropFirst())))
} catch {
    say(error.description)
    exit(1)
}
