import ArgumentParser
import CLI
import FoundationEssentials
import Testing

@Suite("The manual and the command line")
struct ManualTests {
    private static let manual = #filePath.replacing("Tests/Agent/CLI/ManualTests.swift", with: "Sources/Manual/")

    private static func page(_ name: String) throws -> String {
        let bytes = try Data(contentsOf: URL(filePath: manual + name))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Every verb that does something, as it is typed.
    private static let verbs: [(line: String, type: any ParsableCommand.Type)] = leaves(DroneAgent.self, [])

    private static func leaves(
        _ type: any ParsableCommand.Type, _ path: [String]
    ) -> [(line: String, type: any ParsableCommand.Type)] {
        let path = path + [type.configuration.commandName ?? "\(type)".lowercased()]
        let children = type.configuration.subcommands
        if children.isEmpty { return [(path.joined(separator: " "), type)] }
        return children.flatMap { leaves($0, path) }
    }

    @Test("Each verb stands in its list of commands") func eachVerb() throws {
        let page = try Self.page("commands.md")
        #expect(Self.verbs.count > 15)
        for verb in Self.verbs {
            // `board compile …` and `board show …` share a line with the program's name said once.
            let words = verb.line.split(separator: " ").dropFirst().joined(separator: " ")
            let isThere = page.contains("`\(verb.line)") || page.contains("`\(words)")
            #expect(isThere, "\(verb.line) is missing")
        }
    }

    @Test("Each option of each verb is named somewhere in it") func eachOption() throws {
        let pages = try ["commands.md", "operate.md", "bench.md"].map(Self.page).joined()
        for verb in Self.verbs {
            let help = DroneAgent.helpMessage(for: verb.type, columns: 200)
            for option in Set(help.matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
            where option != "--help" && option != "--version" {
                let isThere = pages.contains(option)
                #expect(isThere, "\(verb.line) \(option) is missing")
            }
        }
    }

    @Test("Each exit code, with its meaning") func eachCode() throws {
        let page = try Self.page("commands.md")
        for status in ExitStatus.allCases {
            #expect(page.contains("| \(status.rawValue) | \(status.meaning) |"), "code \(status.rawValue)")
        }
    }
}
