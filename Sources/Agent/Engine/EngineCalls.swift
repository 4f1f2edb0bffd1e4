internal import AsyncHTTPClient
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// HTTP with the engine over its Unix socket: paths, versions, limits and the engine's own words for errors.
struct EngineCalls: Sendable {
    let socket: String
    let connections: Connections
    /// nil: not negotiated yet; paths go without version.
    var version: EngineVersion?

    /// The engine's answer to a short call.
    struct Answer: Sendable {
        var code: UInt
        var apiVersion: String?
        var body: [UInt8]

        /// The engine's words for what went wrong.
        var message: String {
            struct Message: Decodable { var message: String }
            if let message = try? JSONDecoder().decode(Message.self, from: Data(body)) {
                return oneLine(message.message)
            }
            return oneLine(String(decoding: body.prefix(200), as: UTF8.self))
        }
    }

    private func request(
        _ method: HTTPMethod, _ path: String, _ query: KeyValuePairs<String, String>, _ body: [UInt8]?
    ) -> HTTPClientRequest {
        let prefix = version.map { "/v\($0)" } ?? ""
        let arguments = query.map { "\(encoded($0.key))=\(encoded($0.value))" }.joined(separator: "&")
        let url = "http+unix://\(encoded(socket))\(prefix)\(path)\(arguments.isEmpty ? "" : "?\(arguments)")"
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "Host", value: "engine")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(body)
        }
        return request
    }

    /// A call with a short answer; `doing` begins the sentence when it fails.
    func call(
        _ method: HTTPMethod, _ path: String, query: KeyValuePairs<String, String> = [:], body: [UInt8]? = nil,
        accepting codes: Set<UInt>, doing: String, limit: TimeAmount? = nil
    ) async throws(Fault) -> Answer {
        let answer: Answer
        do {
            let time = limit ?? connections.limits.call
            var bound = AnswerLimit(bytes: connections.limits.body, time: time)
            let response = try await connections.calls.execute(request(method, path, query, body), timeout: time)
            answer = Answer(
                code: response.status.code, apiVersion: response.headers.first(name: "API-Version"),
                body: try await bound.collect(response.body))
        } catch {
            throw unreachable(error, doing)
        }
        guard codes.contains(answer.code) else {
            throw Fault("\(doing): the container engine refused it (\(answer.code): \(answer.message)).")
        }
        return answer
    }

    /// A call whose answer comes line by line, each handed to `line` when it is complete.
    func stream(
        _ method: HTTPMethod, _ path: String, query: KeyValuePairs<String, String>, doing: String,
        line: (ArraySlice<UInt8>) throws(Fault) -> Void
    ) async throws(Fault) {
        var lines = LineSplitter()
        let limits = connections.limits
        var bound = AnswerLimit(bytes: limits.streamBody, time: limits.stream)
        do {
            let response = try await connections.streams.execute(
                request(method, path, query, nil), timeout: limits.stream)
            guard response.status.code == 200 else {
                var bound = AnswerLimit(bytes: limits.body, time: limits.call)
                let answer = Answer(code: response.status.code, body: try await bound.collect(response.body))
                throw Fault("\(doing): the container engine refused it (\(answer.code): \(answer.message)).")
            }
            for try await buffer in response.body {
                try bound.take(buffer)
                let complete: [[UInt8]]
                do throws(Fault) { complete = try lines.add(buffer.readableBytesView) } catch {
                    throw Fault("\(doing): \(error.sentence)")
                }
                for one in complete { try line(one[...]) }
            }
        } catch let fault as Fault {
            throw fault
        } catch {
            throw unreachable(error, doing)
        }
    }

    private func unreachable(_ error: any Error, _ doing: String) -> Fault {
        if let overrun = error as? AnswerOverrun {
            return Fault("\(doing): the container engine at \(socket) says too much (\(overrun)); look into its log.")
        }
        return Fault(
            "\(doing): the container engine at \(socket) does not answer (\(connectionReason(error))); check that it runs."
        )
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986, section 2.3.
private func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
            result.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
    return result
}

/// Foreign words made fit for one sentence: one line, without the full stop.
func oneLine(_ text: String) -> String {
    var line = String(text.map { $0.isNewline ? " " : $0 })
    while let last = line.last, last == " " || last == "." { line.removeLast() }
    return line
}
