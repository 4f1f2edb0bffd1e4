// swift-tools-version: 6.2
import PackageDescription

// The dependency rule, one target a line: who may import whom. The three rings stand in this order; an
// inner ring never imports an outer one, and the core and the containers link nothing but C modules.

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
let plainFloats: [CSetting] = [.unsafeFlags(["-ffp-contract=off", "-Wall", "-Wextra"])]

/// With Swift's libraries inside, less what it does not use, as in its package: 3 MB less resident in the core.
let whole: [LinkerSetting] = [.unsafeFlags(["-static-stdlib"])]
/// The same for who uses FoundationEssentials: the two are its own, which only static modules name, and the usual linker warns
/// of a call inside it.
let wholeFoundation =
    whole + [
        .unsafeFlags(["-use-ld=lld"]), .linkedLibrary("_FoundationCollections"), .linkedLibrary("_FoundationCShims"),
    ]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}
func cLibrary(_ name: String, _ dependencies: [Target.Dependency] = [], link: [LinkerSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, cSettings: plainFloats, linkerSettings: link)
}
func program(_ name: String, _ dependencies: [Target.Dependency] = [], link: [LinkerSetting] = []) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/Programs/\(name)", swiftSettings: strict,
        linkerSettings: link)
}
func reference(
    _ name: String, _ folder: String, _ dependencies: [Target.Dependency], link: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Tests/Reference/\(folder)", cSettings: plainFloats,
        linkerSettings: link)
}
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: strict
    )
}
/// A program with a fault in it, beside the tests and not among the products.
func mutant(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "Mutant\(name)", dependencies: dependencies, path: "Tests/Mutants/\(name)", swiftSettings: strict)
}

let package = Package(
    name: "droneagent",
    products: [
        .executable(name: "flightcore", targets: ["FlightCoreMain"]),
        .executable(name: "droneagent", targets: ["DroneAgentMain"]),
        .executable(name: "flight-v1", targets: ["FlightV1Main"]),
        .executable(name: "flight-v2", targets: ["FlightV2Main"]),
        .executable(name: "flightbench", targets: ["FlightBenchMain"]),
        .library(name: "FlightKit", targets: ["FlightKit", "Contract", "CContract"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    ],
    targets: [
        // What crosses a process border.
        cLibrary("CContract"),
        library("Contract", ["CContract"]),
        // C behind Swift: the hardware seam, system calls that Glibc hides, libraries of the distribution.
        cLibrary("CBoard", ["CContract", "CPlatform"], link: [.linkedLibrary("i2c"), .linkedLibrary("gpiod")]),
        cLibrary("CPlatform", ["CContract"]),
        .systemLibrary(name: "CQueue", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        cLibrary("CCamera", ["CPlatform"], link: [.linkedLibrary("jpeg")]),
        // How far a shadow is from the owner: what the core measures in flight, and a replay on the ground.
        library("Shadow", ["CContract", "Contract"]),
        // Ring 1: the flight core.
        library("FlightCore", ["CContract", "Contract", "Shadow", "CBoard", "CPlatform"]),
        program(
            "FlightCoreMain", ["FlightCore", "CContract", "CBoard", "CPlatform"], link: whole),
        // Ring 2: the agent.
        library("Handover", ["CContract", "Contract"]),
        // What the core recorded, read again, and flown again by a candidate.
        library("FlightLog", ["CContract", "Contract", "Shadow", "Handover"]),
        library(
            "Agent",
            [
                "CContract", "Contract", "Handover", "Rehearsal", "CPlatform", "CQueue", "CSQLite", "CYAML",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // What the core records, read while it is written.
        library("LiveRecord", ["Agent", "Contract"]),
        // Of ring 2 too, in a process of its own: who watches cannot disturb the agent.
        .target(
            name: "Console",
            dependencies: [
                "Agent", "LiveRecord", "Contract", "CContract", "CQueue",
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            resources: [.embedInCode("Page")], swiftSettings: strict),
        // The same, for what comes over the network.
        .target(
            name: "MAVLink",
            dependencies: [
                "Agent", "LiveRecord", "Contract", "CContract", "CPlatform",
                .product(name: "Crypto", package: "swift-crypto"),
            ], exclude: ["Wire/generate.py"], swiftSettings: strict),
        library(
            "CLI",
            [
                "Agent", "Console", "MAVLink", "FlightLog", "LiveRecord", "Contract", "CContract", "CPlatform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        program("DroneAgentMain", ["CLI"], link: wholeFoundation),
        // Ring 3: flight containers.
        library("FlightKit", ["CContract", "Contract", "CPlatform", "CQueue"]),
        library("FlightV1", ["FlightKit", "Contract", "CContract"]),
        library("FlightV2", ["FlightKit", "Contract", "CContract"]),
        library("FlightMap", ["FlightV1", "FlightKit", "Contract", "CContract"]),
        program("FlightV1Main", ["FlightV1", "FlightKit"]),
        library("FlightCamera", ["CCamera", "CPlatform", "CQueue"]),
        program("FlightV2Main", ["FlightV2", "FlightKit", "FlightCamera"]),
        program("FlightMapMain", ["FlightMap", "FlightKit"]),
        // Candidates that must be refused: version 2, spoiled in one way.
        .target(
            name: "Candidates", dependencies: ["FlightKit", "FlightV2", "Contract", "CContract"],
            path: "Tests/Candidates/Flaws", swiftSettings: strict),
        .executableTarget(
            name: "FlawedFlight", dependencies: ["Candidates", "FlightKit", "FlightV2"],
            path: "Tests/Candidates/Program", swiftSettings: strict),
        // The physics of a quadcopter, for the rehearsal and for the bench's world.
        library("Airframe", ["CContract"]),
        library("Rehearsal", ["Airframe", "Contract", "CContract"]),
        // The bench: a simulated world, scenarios, the verdict.
        cLibrary("CMeasure"),
        cLibrary("CAdapter", ["CPlatform"]),
        library("Simulator", ["Airframe", "Contract", "CContract", "CBoard", "CPlatform", "CAdapter"]),
        library(
            "Bench",
            [
                "Airframe", "Simulator", "Rehearsal", "FlightCore", "FlightLog", "Handover", "Shadow", "FlightKit",
                "FlightV1", "FlightV2", "Contract", "CContract", "CBoard", "CPlatform", "CMeasure", "CQueue", "CCamera",
                "Agent",
            ]),
        program(
            "FlightBenchMain",
            [
                "Bench", "Simulator", "CContract", "FlightCore", "Agent", "CPlatform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], link: wholeFoundation),
        // What the bench measures against: the least that each can be in C. Not among the products.
        reference("ReferenceCore", "core", ["CBoard", "CContract"]),
        reference("ReferenceController", "controller", ["CContract"]),
        reference("ReferenceQueue", "queue", [], link: [.linkedLibrary("zmq")]),
        // Between SQLite and its files, for the test that cuts the power.
        .target(name: "CRecorder", path: "Tests/Reference/recorder", linkerSettings: [.linkedLibrary("sqlite3")]),
        // Tests mirror Sources.
        tests("Contract", ["Contract", "CContract"], exclude: ["python_controller.py"]),
        tests(
            "FlightCore",
            [
                "FlightCore", "FlightLog", "Shadow", "Contract", "CContract", "CBoard", "CPlatform", "Airframe",
                "Simulator", "Bench",
            ]),
        tests("FlightLog", ["FlightLog", "FlightCore", "Contract", "CContract"]),
        tests("Shadow", ["Shadow", "Contract"]),
        tests("Handover", ["Handover", "Contract", "CContract"]),
        tests(
            "FlightKit",
            ["FlightKit", "FlightV1", "FlightV2", "Contract", "CContract", "CPlatform", "Airframe", "Simulator"]),
        tests(
            "Rehearsal",
            ["Rehearsal", "Candidates", "FlightKit", "FlightV1", "FlightV2", "Contract", "CContract"]),
        tests("Simulator", ["Airframe", "Simulator", "Contract", "CContract", "CBoard", "CCamera"]),
        tests(
            "Bench",
            [
                "Bench", "MutantKit", "Airframe", "Simulator", "Rehearsal", "Candidates", "FlightKit", "FlightV1",
                "FlightV2", "FlightMap", "FlightCore", "FlightLog", "Handover", "Contract", "CContract", "CBoard",
                "CPlatform",
            ], exclude: ["Fuzz/Found"]),
        tests(
            "Agent",
            [
                "Agent", "Bench", "CLI", "FlightCore", "FlightLog", "Handover", "LiveRecord", "Rehearsal", "Simulator",
                "Contract", "CContract", "CPlatform", "CQueue", "CSQLite", "CRecorder",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        tests(
            "Console",
            [
                "Agent", "Console", "Contract", "CContract", "CPlatform", "CQueue",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], exclude: ["browser.py"]),
        tests("LiveRecord", ["LiveRecord", "Agent", "FlightCore", "Contract", "CContract"]),
        tests(
            "MAVLink", ["MAVLink", "Agent", "Contract", "CContract"], exclude: ["ground.py"]),
        // Builds that must fail the verdict, and the core that the bench's peers fly with.
        .target(
            name: "MutantKit", dependencies: ["Bench", "CContract"], path: "Tests/Mutants/MutantKit",
            swiftSettings: strict),
        mutant("Whole", ["MutantKit"]),
        mutant("NoFence", ["MutantKit", "Bench", "FlightCore"]),
        mutant("HoldLast", ["MutantKit", "Bench"]),
        mutant("StoppedEarly", ["MutantKit", "Bench", "FlightCore"]),
        mutant("StaleLetThrough", ["MutantKit", "Bench", "FlightCore"]),
        mutant("PlainCore", ["FlightCore"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11
)
