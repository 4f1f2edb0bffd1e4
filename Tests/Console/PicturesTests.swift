import CQueue
import Console
import Foundation
import NIOCore
import Synchronization
import Testing

/// The camera's pictures, from the flight container's socket to pages.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct PicturesTests {
    private func picture(_ number: UInt8, size: Int = 100) -> [UInt8] {
        [0xFF, 0xD8] + [UInt8](repeating: number, count: size) + [0xFF, 0xD9]
    }

    @Test func whatIsNoPictureIsDropped() {
        let pictures = Pictures()
        let others: [[UInt8]] = [
            [], [0xFF, 0xD8, 0xFF, 0xD9], [UInt8](repeating: 7, count: 100), Array(picture(1).dropLast()),
        ]
        for some in others { pictures.add(some, at: 1) }
        pictures.add(picture(1, size: Pictures.bytesMax), at: 1)
        #expect(pictures.newest == nil && pictures.seen.count == 0)
        pictures.add(picture(2), at: 5)
        #expect(pictures.newest == picture(2) && pictures.seen == (1, 5))
    }

    @Test func whoIsSlowSeesTheNewestOnly() async throws {
        let pictures = Pictures()
        let (id, parts) = try pictures.join {}
        for number in UInt8(1)...20 { pictures.add(picture(number), at: Int64(number)) }
        var reader = parts.makeAsyncIterator()
        let part = try #require(await reader.next())
        let text = String(buffer: part)
        #expect(text.hasPrefix("--picture\r\nContent-Type: image/jpeg\r\nContent-Length: 104\r\n\r\n"))
        #expect(Array(buffer: part).dropLast(4).last == 20)
        pictures.leave(id)
        #expect(await reader.next() == nil && pictures.viewerCount == 0)
    }

    @Test func whoTakesNoneIsLetGo() throws {
        let pictures = Pictures()
        let isGone = Box()
        _ = try pictures.join { isGone.set() }
        for number in 0..<Pictures.missedMax { pictures.add(picture(UInt8(number % 200)), at: 1) }
        #expect(!isGone.value && pictures.viewerCount == 1)
        for number in 0..<3 { pictures.add(picture(UInt8(number)), at: 1) }
        #expect(isGone.value && pictures.viewerCount == 0)
    }

    @Test func viewersAreBounded() throws {
        let pictures = Pictures()
        for _ in 0..<Pictures.viewersMax { _ = try pictures.join {} }
        let refusal = #expect(throws: Refusal.self) { try pictures.join {} }
        #expect(refusal?.status == 503)
    }

    @Test func aPageGetsWhatTheContainerSends() async throws {
        let stage = Stage()
        let camera = stage.folder.path + "/camera"
        try FileManager.default.createDirectory(atPath: camera, withIntermediateDirectories: true)
        let sender = Sender(camera + "/pictures.sock", picture(9))
        try await stage.serving(agent: nil) { browser, _ in
            let none = try await browser.get("/picture.jpg")
            #expect(none.status == 404 && none.body.contains("No camera has sent a picture"))
            sender.start()
            let stream = try await browser.send(Browser.head("GET", "/camera")) {
                $0.components(separatedBy: "--picture").count > 3
            }
            #expect(stream.text.contains("multipart/x-mixed-replace; boundary=picture"))
            #expect(stream.text.contains("Content-Length: 104"))
            #expect(try await browser.get("/picture.jpg?5").status == 200)
        }
        sender.stop()
    }
}

private final class Box: Sendable {
    private let state = Mutex(false)

    var value: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

/// A container's camera process, as its console sees it: 20 pictures a second.
private final class Sender: Sendable {
    private let path: String
    private let picture: [UInt8]
    private let isOver = Mutex(false)

    init(_ path: String, _ picture: [UInt8]) {
        self.path = path
        self.picture = picture
    }

    func start() {
        Thread { [self] in
            let context = zmq_ctx_new()
            let socket = zmq_socket(context, ZMQ_PUB)
            zmq_bind(socket, "ipc://\(path)")
            while !isOver.withLock({ $0 }) {
                _ = picture.withUnsafeBytes { zmq_send(socket, $0.baseAddress, $0.count, ZMQ_DONTWAIT) }
                Thread.sleep(forTimeInterval: 0.05)
            }
            zmq_close(socket)
            zmq_ctx_term(context)
        }.start()
    }

    func stop() { isOver.withLock { $0 = true } }
}
