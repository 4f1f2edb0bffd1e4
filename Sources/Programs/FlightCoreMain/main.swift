import FlightCore
import Glibc

if CommandLine.arguments.dropFirst().contains(where: { $0 == "--help" || $0 == "-h" }) {
    print(CoreOptions.usage)
    exit(0)
}
do {
    let options = try CoreOptions(Array(CommandLine.arguments.dropFirst()))
    if options.isCheck { exit(try BoardCheck.run(options) ? 0 : 1) }
    if options.isSupervised {
        var supervisor = try Supervisor(options)
        exit(supervisor.run())
    }
    try Core.run(options)
} catch {
    say(error.description, as: .error)
    exit(1)
}
