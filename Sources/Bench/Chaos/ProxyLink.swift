import Airframe
import CPlatform
import Glibc

/// One connection through a proxy, on a thread of its own.
final class ProxyLink {
    private static let pieceMax = 65_536
    /// ns between two pieces of what does not end: 64 MB a second.
    private static let endlessPause: UInt64 = 1_000_000
    /// Longest head of a request or answer, bytes; what is longer goes through as it is.
    private static let headMax = 65_536
    /// Content type of a TLS record (RFC 8446, section 5.1).
    private static let tlsHandshake: UInt8 = 22
    private static let headEnd = Array("\r\n\r\n".utf8)

    private let proxy: Proxy
    private let client: Int32
    private var server: Int32 = -1
    private var request = DelayLine()
    private var answer = DelayLine()
    /// What the client said so far, until its head is whole; HTTP only.
    private var head: [UInt8]?
    private var firstLine = ""
    /// What the server said so far, until its head is whole; HTTP only.
    private var answerHead: [UInt8]?
    private var answerBytes = 0
    private var hasClientEnded = false
    private var hasServerEnded = false
    private var endless: [UInt8]?
    private var frames = (toServer: FrameCut(), toClient: FrameCut())
    private var random = RandomSource(seed: 1)
    private var buffer = [UInt8](repeating: 0, count: ProxyLink.pieceMax)

    init(_ proxy: Proxy, _ client: Int32) {
        self.proxy = proxy
        self.client = client
        if proxy.speech == .http { (head, answerHead) = ([], []) }
    }

    /// Until one side has ended and all is handed on, or the proxy ends.
    func run() {
        defer {
            close(client)
            if server >= 0 { close(server) }
        }
        if proxy.speech == .queue { server = StreamSocket.connect(proxy.target) }
        guard server >= 0 || proxy.speech == .http else { return }
        while !proxy.hasEnded, step() {}
    }

    private var active: [Disturbance] { proxy.active(for: firstLine) }

    /// False: it is over.
    private func step() -> Bool {
        let now = da_now()
        let active = active
        let rate = active.lazy.compactMap { if case .throttle(let rate) = $0.kind { rate } else { nil } }.first
        if let endless, answer.hasRoom { answer.put(endless, due: now) }
        guard hand(on: &request, to: server, now, rate: nil), hand(on: &answer, to: client, now, rate: rate) else {
            return false
        }
        if hasServerEnded, answer.isEmpty { return false }
        if hasClientEnded, request.isEmpty {
            // HTTP: a client that is gone waits for no answer.
            if proxy.speech == .queue || server < 0 || recvIsOver(client) { return false }
        }
        var waited = [pollfd(fd: client, events: 0, revents: 0), pollfd(fd: server, events: 0, revents: 0)]
        let hearsClient = !hasClientEnded && request.hasRoom
        let hearsServer = server >= 0 && !hasServerEnded && answer.hasRoom && endless == nil
        if hearsClient { waited[0].events |= Int16(POLLIN) }
        if hearsServer { waited[1].events |= Int16(POLLIN) }
        if let due = answer.due, due <= now { waited[0].events |= Int16(POLLOUT) }
        if let due = request.due, due <= now { waited[1].events |= Int16(POLLOUT) }
        // One that has ended is readable for ever.
        for index in 0..<2 where waited[index].events == 0 { waited[index].fd = -1 }
        let next = [request.due, answer.due].compactMap { $0 }.filter { $0 > now }.min() ?? UInt64.max
        let wait = endless == nil ? min(next - min(next, now), Proxy.pause) : Self.endlessPause
        guard poll(&waited, 2, Int32((wait + 999_999) / 1_000_000)) >= 0 || errno == EINTR else { return false }
        let readable = Int16(POLLIN | POLLHUP | POLLERR)
        if hearsClient, waited[0].revents & readable != 0 {
            guard let piece = take(from: client) else { return false }
            hasClientEnded = piece.isEmpty
            guard hear(client: piece) else { return false }
        }
        if hearsServer, waited[1].revents & readable != 0 {
            guard let piece = take(from: server) else { return false }
            hasServerEnded = piece.isEmpty
            guard hear(server: piece) else { return false }
        }
        return true
    }

    /// Whether a client that has closed its side is gone altogether.
    private func recvIsOver(_ fd: Int32) -> Bool {
        var waited = pollfd(fd: fd, events: 0, revents: 0)
        return poll(&waited, 1, 0) > 0 && waited.revents & Int16(POLLHUP | POLLERR) != 0
    }

    /// Empty: the other side has ended; nil: so has the connection.
    private func take(from fd: Int32) -> [UInt8]? {
        let count = recv(fd, &buffer, buffer.count, 0)
        if count < 0 { return nil }
        return Array(buffer.prefix(count))
    }

    private func hand(on line: inout DelayLine, to fd: Int32, _ now: UInt64, rate: Int?) -> Bool {
        while fd >= 0, let piece = line.next(now, rate: rate) {
            let sent = piece.withUnsafeBytes { send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0 { return errno == EAGAIN || errno == EINTR || errno == ENOTCONN }
            line.drop(sent, now, rate: rate)
        }
        return true
    }

    private var due: UInt64 {
        var due = da_now()
        for case .delay(let seconds) in active.map(\.kind) {
            due += UInt64(seconds * 1e9)
            proxy.countStruck()
        }
        return due
    }

    // MARK: Requests

    private func hear(client piece: [UInt8]) -> Bool {
        guard proxy.speech == .http else { return queue(piece, &frames.toServer, &request) }
        guard var begun = head else {
            request.put(piece, due: da_now())
            return true
        }
        begun += piece
        head = begun
        // An engine tries TLS first; whoever waits for the end of that waits for ever.
        guard begun.first != Self.tlsHandshake else { return false }
        guard let end = begun.firstRange(of: Self.headEnd)?.lowerBound else { return begun.count < Self.headMax }
        head = nil
        var text = String(decoding: begun[..<end], as: UTF8.self)
        firstLine = String(text.prefix { !$0.isNewline })
        for disturbance in active {
            switch disturbance.kind {
            case .refuse:
                proxy.countStruck()
                return false
            case .hang:
                proxy.countStruck()
                return true
            case .status(let code, let words):
                proxy.countStruck()
                let body = "{\"message\":\"\(words)\"}"
                hasServerEnded = true
                answer.put(
                    Array(
                        "HTTP/1.1 \(code) Struck\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
                            .utf8), due: due)
                return true
            case .instead(let from, let to):
                proxy.countStruck()
                text = text.replacing(from, with: to, maxReplacements: 1)
            default: break
            }
        }
        server = StreamSocket.connect(proxy.target)
        guard server >= 0 else { return false }
        // One request a connection, so that each can be judged.
        text = text.replacing("\r\nConnection: keep-alive", with: "") + "\r\nConnection: close"
        request.put(Array(text.utf8) + begun[end...], due: due)
        return true
    }

    // MARK: Answers

    private func hear(server piece: [UInt8]) -> Bool {
        guard proxy.speech == .http else { return queue(piece, &frames.toClient, &answer) }
        var piece = piece
        if var begun = answerHead {
            begun += piece
            answerHead = begun
            guard let end = begun.firstRange(of: Self.headEnd)?.upperBound else { return begun.count < Self.headMax }
            answerHead = nil
            piece = begun
            for disturbance in active {
                switch disturbance.kind {
                case .flip(let at) where end + at < piece.count:
                    piece[end + at] ^= 1
                    proxy.countStruck()
                case .endless(let words):
                    proxy.countStruck()
                    answer.put(Array(unbounded(String(decoding: begun[..<end], as: UTF8.self)).utf8), due: due)
                    endless = Array(
                        String(repeating: words, count: max(1, Self.pieceMax / max(1, words.utf8.count))).utf8)
                    return true
                default: break
                }
            }
        }
        for case .cut(let limit) in active.map(\.kind) where answerBytes + piece.count >= limit {
            proxy.countStruck()
            answer.put(Array(piece.prefix(max(0, limit - answerBytes))), due: da_now())
            hasServerEnded = true
            return true
        }
        answerBytes += piece.count
        answer.put(piece, due: due)
        return true
    }

    /// The head of an answer that ends with its connection only.
    private func unbounded(_ head: String) -> String {
        head.split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { line in
                let name = line.lowercased()
                return !name.hasPrefix("content-length") && !name.hasPrefix("transfer-encoding")
            }
            .joined(separator: "\r\n")
    }

    // MARK: Queues

    private func queue(_ piece: [UInt8], _ cut: inout FrameCut, _ line: inout DelayLine) -> Bool {
        let loss = active.lazy.compactMap { if case .loss(let share) = $0.kind { share } else { nil } }.first ?? 0
        for frame in cut.take(piece) {
            if frame.isMessage, loss > 0, random.uniform() < loss {
                proxy.countStruck()
                continue
            }
            line.put(frame.bytes, due: due)
        }
        return true
    }
}
