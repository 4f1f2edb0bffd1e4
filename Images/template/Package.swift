// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "my-flight",
    dependencies: [.package(name: "droneagent", path: "../..")],
    targets: [
        .executableTarget(name: "flight", dependencies: [.product(name: "FlightKit", package: "droneagent")])
    ],
    swiftLanguageModes: [.v6]
)
