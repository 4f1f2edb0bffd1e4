import Glibc

/// A folder of its own under the system's for temporary files, removed at the end.
final class Folder {
    let path: String

    init() {
        var template = Array("/tmp/flightcore-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "no temporary folder can be made")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // One level of folders below is all that a test makes.
        for name in names(path) {
            let child = path + "/" + name
            for inner in names(child) { unlink(child + "/" + inner) }
            if unlink(child) != 0 { rmdir(child) }
        }
        rmdir(path)
    }

    func make(_ name: String) -> String {
        let child = path + "/" + name
        mkdir(child, 0o755)
        return child
    }

    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        precondition(descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        return file
    }

    func read(_ name: String) -> [UInt8] {
        let descriptor = open(path + "/" + name, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16 << 20)
        let got = Glibc.read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, got)))
    }

    private func names(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { found.append(name) }
        }
        return found
    }
}

/// The description of what `body` throws; empty when it throws nothing.
func sentence(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch { return "\(error)" }
}
