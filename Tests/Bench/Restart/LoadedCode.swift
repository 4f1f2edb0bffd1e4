import Foundation
import Testing

/// How much of its program and of its libraries a process has in memory, from /proc/PID/smaps (proc_pid_smaps(5)).
struct LoadedCode {
    /// Programs and libraries that it has mapped.
    let files: Int
    /// Parts of them that are readable and not wholly there: file, kB that it has and kB there are.
    let absent: [String]

    private struct Mapping {
        var path: String
        var isReadable: Bool
        var isExecutable: Bool
        var size = 0
        var resident = 0
    }

    init(of pid: Int32) throws {
        var mappings: [Mapping] = []
        // In pieces: of a file under /proc Foundation reads the first only.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/\(pid)/smaps"))
        var bytes = Data()
        while let piece = try file.read(upToCount: 65536), !piece.isEmpty { bytes += piece }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            if words.count >= 5, words[0].contains("-") {
                mappings.append(
                    Mapping(
                        path: words.count == 6 && words[5].hasPrefix("/") ? String(words[5]) : "",
                        isReadable: words[1].hasPrefix("r"), isExecutable: words[1].dropFirst(2).hasPrefix("x")))
            } else if words.first == "Size:", !mappings.isEmpty {
                mappings[mappings.count - 1].size = Int(words[1]) ?? 0
            } else if words.first == "Rss:", !mappings.isEmpty {
                mappings[mappings.count - 1].resident = Int(words[1]) ?? 0
            }
        }
        let code = Set(mappings.filter { $0.isExecutable && !$0.path.isEmpty }.map(\.path))
        files = code.count
        absent = mappings.filter { code.contains($0.path) && $0.isReadable && $0.resident < $0.size }
            .map { "\($0.path): \($0.resident) of \($0.size) kB" }
    }
}
