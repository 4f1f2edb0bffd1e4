import FlightCore
import Glibc

do {
    let options = try CoreOptions(Array(CommandLine.arguments.dropFirst()))
    if options.isSupervised {
        var supervisor = try Supervisor(options)
        exit(supervisor.run())
    }
    try Core.run(options)
} catch {
    say(error.description)
    exit(1)
}
