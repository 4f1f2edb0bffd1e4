import Agent
import Contract
import FoundationEssentials

/// Texts from outside, each into its parser: what is refused is refused in one sentence.
final class TextTarget: FuzzTarget {
    private let corpus: [[UInt8]]
    /// Throws what it refuses with; returns what is wrong with what it took.
    private let parse: ([UInt8]) throws -> String?

    init(_ corpus: [String], _ parse: @escaping ([UInt8]) throws -> String?) {
        self.corpus = corpus.map { Array($0.utf8) }
        self.parse = parse
    }

    func valid(_ mutation: inout Mutation) -> [UInt8] { corpus[mutation.pick(corpus.count)] }
    func repaired(_ bytes: [UInt8]) -> [UInt8] { bytes }

    func feed(_ bytes: [UInt8]) -> String? {
        do { return try parse(bytes) } catch let fault as Agent.Fault {
            return isSentence(fault.sentence) ? nil : "A refusal is no sentence: '\(fault.sentence)'."
        } catch { return "A refusal is no sentence: '\(error)'." }
    }

    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    static func manifest() -> TextTarget {
        let entry =
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(digest)","size":500,"platform":{"os":"linux","architecture":"arm64","variant":"v8"}}"#
        return TextTarget([
            #"{"schemaVersion":2,"manifests":[\#(entry),\#(entry)]}"#,
            #"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(digest)","size":7},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"\#(digest)","size":99}]}"#,
        ]) { bytes in
            _ = try Manifest(bytes, of: "host/flight:v2")
            return nil
        }
    }

    static func config() -> TextTarget {
        TextTarget([
            #"{"os":"linux","architecture":"amd64","config":{"Labels":{"org.droneagent.contract":"1"}},"rootfs":{"type":"layers","diff_ids":["\#(digest)"]}}"#
        ]) { bytes in
            _ = try ImageConfig(bytes, of: "host/flight:v2")
            return nil
        }
    }

    static func pull() -> TextTarget {
        let layer = Digest(digest).map { ResolvedImage.Layer(digest: $0, bytes: 1000, diff: "a") }
        let image = Digest(digest).map {
            ResolvedImage(
                reference: "r", pullReference: "r", index: nil, manifest: $0, config: $0, platform: .machine, name: "",
                version: "", layers: [layer].compactMap { $0 })
        }
        return TextTarget([
            #"{"status":"Downloading","progressDetail":{"current":500,"total":1000},"id":"abababababab"}"#,
            #"{"status":"Pull complete","progressDetail":{},"id":"abababababab"}"#,
            #"{"errorDetail":{"message":"no space left on device"},"error":"no space left on device"}"#,
        ]) { bytes in
            guard let image else { return "There is no image to pull." }
            var progress = PullProgress(image)
            _ = try progress.take(bytes[...], of: "r")
            return progress.bytesDone >= 0 && progress.bytesDone <= progress.bytesTotal
                ? nil : "\(progress.bytesDone) of \(progress.bytesTotal) bytes are done."
        }
    }

    static func reference() -> TextTarget {
        TextTarget([
            "127.0.0.1:5000/flight:v1", "registry.example/a/b-c:1.0", "v2", "flight@" + digest,
            "host:1/flight@" + digest,
        ]) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            let reference = try Reference(text, running: Reference("host:5000/flight:v1", running: nil))
            let again = try Reference("\(reference)", running: nil)
            return again == reference ? nil : "'\(reference)' is another image when it is read again: '\(again)'."
        }
    }

    static func request() -> TextTarget {
        TextTarget([
            #"{"verb":"update","reference":"v2","again":true}"#, #"{"verb":"status"}"#,
            #"{"verb":"start","reference":"host:1/flight:v1","dry_run":true}"#,
        ]) { bytes in
            // As the agent's server does with a line; what is no request gets a sentence of the server's own.
            _ = try? JSONDecoder().decode(AgentRequest.self, from: Data(bytes))
            return nil
        }
    }

    static func yaml() -> TextTarget {
        let path = "Board/bench.yaml"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return TextTarget([text]) { bytes in
            if text.isEmpty { return "\(path) is not there; run it in the repository." }
            _ = try BoardFile.compile(String(decoding: bytes, as: UTF8.self), name: "fuzz.yaml")
            return nil
        }
    }
}
