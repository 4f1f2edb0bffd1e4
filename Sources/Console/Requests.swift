internal import Agent
internal import FoundationEssentials
internal import Glibc
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

/// What the console answers. A path is one of a fixed list, compared as it came: there is nothing behind it to climb to.
struct Requests: Sendable {
    /// Longest body, bytes: a reference has 512.
    static let bodyMax = 2048
    /// Until a body must be complete.
    static let bodyLimit = Duration.seconds(5)
    /// Until an answer must be taken; a slow line gets ten minutes of history in less.
    static let answerLimit = TimeAmount.seconds(60)
    /// What a refused request still sends is read and dropped for so long.
    static let lingerLimit = TimeAmount.seconds(2)

    let gate: Gate
    let feed: Feed
    let agent: AgentWatch
    let library: Library
    let metrics: FlightMetrics
    let pictures: Pictures

    /// What the page asks for.
    private struct Asked: Codable { var reference: String? }

    /// To be sent on `channel`, on which the request came.
    func answer(_ request: Request, _ channel: any Channel) async -> Response {
        do throws(Refusal) {
            return try await serve(request, channel)
        } catch {
            return refuse(error, channel)
        }
    }

    private func serve(_ request: Request, _ channel: any Channel) async throws(Refusal) -> Response {
        try gate.checkSite(request.head)
        let path = request.head.path ?? ""
        switch (request.method, path) {
        case (.get, "/"): return body(PackageResources.page_html, "text/html; charset=utf-8", channel)
        case (.get, "/page.css"): return body(PackageResources.page_css, "text/css; charset=utf-8", channel)
        case (.get, "/page.js"): return body(PackageResources.page_js, "text/javascript; charset=utf-8", channel)
        case (.get, "/camera.js"):
            return body(PackageResources.camera_js, "text/javascript; charset=utf-8", channel)
        case (.get, "/dygraph.js"):
            return body(try library.read("dygraph.min.js"), "text/javascript; charset=utf-8", channel)
        case (.get, "/dygraph.css"):
            return body(try library.read("dygraph.min.css"), "text/css; charset=utf-8", channel)
        case (.get, "/history"): return body(feed.history, "application/json", channel)
        case (.get, "/events"): return try events(channel)
        case (.get, "/camera"): return try camera(channel)
        case (.get, _) where path == "/picture.jpg" || path.hasPrefix("/picture.jpg?"):
            guard let picture = pictures.newest else {
                throw Refusal(404, "No camera has sent a picture since the console was started.")
            }
            return body(picture, "image/jpeg", channel)
        case (.get, "/metrics"):
            return body(Array(metrics.text(of: feed.state).utf8), "text/plain; version=0.0.4; charset=utf-8", channel)
        case (.post, "/plan"):
            let reference = try await reference(request)
            return body(try await agent.plan(reference).json, "application/json", channel)
        case (.post, "/update"):
            try await agent.update(to: reference(request))
            return plain("The update has begun; the page shows how it goes on.\n", status: .accepted)
        case (.post, "/rollback"):
            try gate.checkToken(request.head)
            return body(try await agent.rollback().json, "application/json", channel)
        default: throw unknown(request.method, path)
        }
    }

    private func unknown(_ method: HTTPRequest.Method, _ path: String) -> Refusal {
        let reads = [
            "/", "/page.css", "/page.js", "/camera.js", "/dygraph.js", "/dygraph.css", "/history", "/events",
            "/metrics", "/camera",
            "/picture.jpg",
        ]
        let writes = ["/plan", "/update", "/rollback"]
        if reads.contains(path) { return Refusal(405, "\(path) is read only; use GET.") }
        if writes.contains(path) { return Refusal(405, "\(path) changes something; use POST, with the token.") }
        return Refusal(404, "The console has no '\(path.prefix(100))'; its page is '/'.")
    }

    // MARK: Bodies

    /// The reference in the body of a request that has the token.
    private func reference(_ request: Request) async throws(Refusal) -> String {
        try gate.checkToken(request.head)
        let bytes = try await collect(request.body)
        guard let asked = try? JSONDecoder().decode(Asked.self, from: Data(bytes)) else {
            throw Refusal(400, #"The body is no request; send {"reference":"v2"}."#)
        }
        guard let reference = asked.reference, !reference.isEmpty else {
            throw Refusal(400, #"The reference is missing; send {"reference":"v2"}."#)
        }
        return reference
    }

    private func collect(_ body: RequestBody) async throws(Refusal) -> [UInt8] {
        do {
            return try await withThrowingTaskGroup(of: [UInt8].self) { group in
                group.addTask { Array(buffer: try await body.collect(upTo: Self.bodyMax)) }
                group.addTask {
                    try await Task.sleep(for: Self.bodyLimit)
                    throw Refusal(
                        408, "The body did not come within \(Self.bodyLimit.components.seconds) s; send it at once.")
                }
                defer { group.cancelAll() }
                return try await group.next() ?? []
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch is NIOTooManyBytesError {
            throw Refusal(413, "The body is longer than \(Self.bodyMax) bytes; send a reference only.")
        } catch {
            throw Refusal(400, "The body broke off; send it again.")
        }
    }

    // MARK: Answers

    private func plain(_ text: String, status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: headers("text/plain; charset=utf-8"),
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// The connection ends with it: what is left of a body is not waited for.
    private func refuse(_ refusal: Refusal, _ channel: any Channel) -> Response {
        var headers = headers("text/plain; charset=utf-8")
        headers[.connection] = "close"
        let sentence = ByteBuffer(string: refusal.sentence + "\n")
        return Response(
            status: .init(code: refusal.status), headers: headers,
            body: ResponseBody(contentLength: sentence.readableBytes) { writer in
                try await writer.write(sentence)
                try await writer.finish(nil)
                // In two steps: a connection that is closed over bytes that nobody has read is reset, and the sentence lost.
                channel.close(mode: .output, promise: nil)
                channel.eventLoop.scheduleTask(in: Self.lingerLimit) { channel.close(promise: nil) }
            })
    }

    private func body(_ bytes: [UInt8], _ type: String, _ channel: any Channel) -> Response {
        Response(
            status: .ok, headers: headers(type),
            body: ResponseBody(contentLength: bytes.count) { writer in
                // Who does not read must not keep a connection for ever.
                let limit = channel.eventLoop.scheduleTask(in: Self.answerLimit) { channel.close(promise: nil) }
                defer { limit.cancel() }
                try await writer.write(ByteBuffer(bytes: bytes))
                try await writer.finish(nil)
            })
    }

    private func events(_ channel: any Channel) throws(Refusal) -> Response {
        let (id, events) = try feed.join { channel.close(promise: nil) }
        // A page that goes away between here and the body is noticed too.
        channel.closeFuture.whenComplete { [feed] _ in feed.leave(id) }
        return Response(
            status: .ok, headers: headers("text/event-stream"),
            body: ResponseBody { [feed] writer in
                defer { feed.leave(id) }
                // At once, so that the page knows that it is connected.
                try await writer.write(ByteBuffer(string: ": welcome\n\n"))
                for await event in events { try await writer.write(event) }
                try await writer.finish(nil)
            })
    }

    /// Motion JPEG, as `img` shows it: parts that replace each other.
    private func camera(_ channel: any Channel) throws(Refusal) -> Response {
        let (id, parts) = try pictures.join { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { [pictures] _ in pictures.leave(id) }
        return Response(
            status: .ok, headers: headers("multipart/x-mixed-replace; boundary=\(Pictures.boundary)"),
            body: ResponseBody { [pictures] writer in
                defer { pictures.leave(id) }
                for await part in parts { try await writer.write(part) }
                try await writer.finish(nil)
            })
    }

    /// The page loads nothing from elsewhere, and stands in nobody's frame. dygraphs writes styles into its legend.
    private func headers(_ type: String) -> HTTPFields {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.date] = date(time(nil))
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentSecurityPolicy] =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
            + "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
        return headers
    }
}

/// RFC 9110, 5.6.7; names are English, for no program of ours sets a locale.
private func date(_ time: time_t) -> String {
    var (time, parts) = (time, tm())
    gmtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 40)
    let count = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
}
