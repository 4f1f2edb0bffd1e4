import CContract
import CPlatform
import Contract
import Foundation
import Synchronization

/// A flight core as the console sees it: a control socket that answers with the status that the test has set.
final class PlayedCore: Sendable {
    private struct Content {
        var status = da_status()
        var asked: [UInt32] = []
        var isOver = false
    }

    private let content = Mutex(Content())

    init(path: String) {
        let listener = da_packet_listen(path, 4)
        precondition(listener >= 0, "no control socket at \(path)")
        Thread { [self] in serve(listener) }.start()
    }

    /// Operations asked so far.
    var asked: [UInt32] { content.withLock { $0.asked } }

    func set(_ change: (inout da_status) -> Void) { content.withLock { change(&$0.status) } }

    func stop() { content.withLock { $0.isOver = true } }

    private func serve(_ listener: Int32) {
        var connections: [Int32] = []
        while !content.withLock({ $0.isOver }) {
            let watched = [listener] + connections
            let ready = da_wait_readable(watched, UInt32(watched.count), da_now() + 20_000_000)
            guard ready > 0 else { continue }
            if ready & 1 != 0 {
                let fd = da_packet_accept(listener)
                if fd >= 0 { connections.append(fd) }
            }
            for (index, fd) in watched.enumerated().dropFirst() where ready & (1 << Int64(index)) != 0 {
                if !answer(fd) {
                    _ = da_close(fd)
                    connections.removeAll { $0 == fd }
                }
            }
        }
        for fd in connections + [listener] { _ = da_close(fd) }
    }

    private func answer(_ fd: Int32) -> Bool {
        var request = da_request()
        guard da_packet_receive(fd, &request, UInt32(MemoryLayout<da_request>.size)) > 0 else { return false }
        var reply = da_reply.make()
        reply.status = content.withLock { content in
            content.asked.append(request.operation)
            return content.status
        }
        let bytes = reply.bytes
        return da_packet_send(fd, bytes, UInt32(bytes.count)) > 0
    }
}

extension da_status {
    /// In the air, flown by flight-1.
    static var flying: da_status {
        var status = da_status()
        status.tick = 5000
        status.tick_rate = 500
        status.owner_epoch = 7
        status.switch_tick = 1000
        status.altitude = 4.5
        status.roll = 0.1
        status.battery_voltage = 11.8
        status.mode = FlightMode.fly.rawValue
        fill(&status.instance.0.name, with: "flight-1")
        status.instance.0.role = InstanceRole.owner.rawValue
        return status
    }
}
