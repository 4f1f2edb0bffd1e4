package import CBoard
package import CContract

/// A Silicon Labs CP2112, a bridge from USB to I2C with eight GPIO lines, as far as the kernel's driver `hid-cp2112`
/// uses it: reports in, reports out. Behind it are the world's chips and lines.
///
/// Source: CP2112 data sheet and AN495, "CP2112 Interface Specification", whose report numbers these are; the driver is
/// drivers/hid/hid-cp2112.c of the kernel.
package struct CP2112 {
    package static let vendor: UInt16 = 0x10C4
    package static let product: UInt16 = 0xEA90
    /// Bytes behind the number of each report.
    private static let reportBytes: UInt8 = 63

    /// AN495, table 1.
    package enum Report {
        package static let gpioConfiguration: UInt8 = 0x02
        package static let gpioGet: UInt8 = 0x03
        package static let gpioSet: UInt8 = 0x04
        package static let version: UInt8 = 0x05
        package static let busConfiguration: UInt8 = 0x06
        package static let read: UInt8 = 0x10
        package static let writeRead: UInt8 = 0x11
        package static let readForceSend: UInt8 = 0x12
        package static let readResponse: UInt8 = 0x13
        package static let write: UInt8 = 0x14
        package static let statusRequest: UInt8 = 0x15
        package static let statusResponse: UInt8 = 0x16
        package static let cancel: UInt8 = 0x17
    }

    /// AN495, "Transfer Status Response", status 0.
    private enum Status {
        static let idle: UInt8 = 0
        static let complete: UInt8 = 2
        static let error: UInt8 = 3
    }

    /// What the driver must be told of its reports: all are vendor-defined, of 63 bytes (USB HID 1.11, 6.2.2).
    package static let descriptor: [UInt8] = {
        var bytes: [UInt8] = [0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01]
        func add(_ numbers: ClosedRange<UInt8>, _ main: UInt8) {
            for number in numbers {
                bytes += [0x85, number, 0x95, reportBytes, 0x75, 0x08, 0x26, 0xFF, 0x00, 0x15, 0x00, 0x09, 0x01]
                bytes += [main, 0x02]
            }
        }
        let (input, output, feature): (UInt8, UInt8, UInt8) = (0x81, 0x91, 0xB1)
        add(Report.gpioConfiguration...Report.busConfiguration, feature)
        add(Report.read...Report.readForceSend, output)
        add(Report.readResponse...Report.readResponse, input)
        add(Report.write...Report.statusRequest, output)
        add(Report.statusResponse...Report.statusResponse, input)
        add(Report.cancel...Report.cancel, output)
        return bytes + [0xC0]
    }()

    /// Lines of the board on this chip: which offset is which, and active low.
    private let lines: [(line: UInt32, bit: UInt8, isActiveLow: Bool)]
    private let speed: UInt32
    /// 1: an output.
    private var directions: UInt8 = 0
    /// Levels that the driver asked for, of outputs.
    private var levels: UInt8 = 0
    private var status = Status.idle
    /// Bytes that a read has brought and the driver has not taken.
    private var data: [UInt8] = []

    package init(_ board: da_board) {
        let table = [board.line.0, board.line.1, board.line.2, board.line.3]
        lines = table.enumerated().compactMap { index, line in
            guard (0..<8).contains(line.offset) else { return nil }
            return (UInt32(index), 1 << UInt8(line.offset), line.active_low != 0)
        }
        speed = UInt32(board.bus_speed)
    }

    // MARK: Transfers

    /// An output report. `serve` carries a transfer out and comes back when it would be over on a real bus.
    ///
    /// - Returns: the input report that answers it, or nil.
    package mutating func take(_ report: [UInt8], serve: (da_bridge_request) -> da_bridge_reply) -> [UInt8]? {
        guard let number = report.first else { return nil }
        switch number {
        case Report.writeRead where report.count >= 6 && report[4] == 1:
            var request = da_bridge_request()
            request.kind = UInt8(DA_BRIDGE_READ.rawValue)
            request.address = report[1] >> 1
            request.reg = report[5]
            let count = Int(report[2]) << 8 | Int(report[3])
            guard (1...Int(DA_BUS_BYTES)).contains(count) else { return fail() }
            request.count = UInt8(count)
            let reply = serve(request)
            guard reply.result == 0 else { return fail() }
            data = withUnsafeBytes(of: reply.bytes) { Array($0.prefix(count)) }
            status = Status.complete
        case Report.write where report.count >= 5 && report[2] >= 2:
            let count = Int(report[2]) - 1
            guard count <= Int(DA_BUS_BYTES), report.count >= 4 + count else { return fail() }
            var request = da_bridge_request()
            request.kind = UInt8(DA_BRIDGE_WRITE.rawValue)
            request.address = report[1] >> 1
            request.reg = report[3]
            request.count = UInt8(count)
            withUnsafeMutableBytes(of: &request.bytes) { $0.copyBytes(from: report[4..<(4 + count)]) }
            guard serve(request).result == 0 else { return fail() }
            status = Status.complete
        case Report.statusRequest: return statusResponse()
        case Report.readForceSend: return readResponse()
        case Report.cancel:
            status = Status.idle
            data = []
        // Transfers without a register: none of our chips is read so.
        case Report.read, Report.write, Report.writeRead: return fail()
        default: break
        }
        return nil
    }

    private mutating func fail() -> [UInt8]? {
        status = Status.error
        data = []
        return nil
    }

    private mutating func statusResponse() -> [UInt8] {
        defer { status = Status.idle }
        // Status 1 of an error: 0, the address was not acknowledged.
        return padded([Report.statusResponse, status, 0, 0, 0, 0, UInt8(data.count)])
    }

    private mutating func readResponse() -> [UInt8] {
        defer { data = [] }
        return padded([Report.readResponse, Status.complete, UInt8(data.count)] + data)
    }

    private func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: 1 + Int(Self.reportBytes) - bytes.count)
    }

    // MARK: Features

    /// A feature report that the driver reads; nil: there is none with this number. `level`: of a line of the board.
    package func feature(_ number: UInt8, level: (UInt32) -> Int32) -> [UInt8]? {
        switch number {
        case Report.gpioConfiguration: [number, directions, 0xFF, 0, 0]
        case Report.gpioGet: [number, pins(level)]
        case Report.version: [number, 0x0C, 0x03]
        case Report.busConfiguration:
            [
                number, UInt8(speed >> 24), UInt8(speed >> 16 & 0xFF), UInt8(speed >> 8 & 0xFF), UInt8(speed & 0xFF),
                0x02,
                0, 0, 0, 0, 0, 0, 0, 0,
            ]
        default: nil
        }
    }

    private func pins(_ level: (UInt32) -> Int32) -> UInt8 {
        lines.reduce(levels & directions) { pins, line in
            guard directions & line.bit == 0 else { return pins }
            return (level(line.line) == 1) != line.isActiveLow ? pins | line.bit : pins
        }
    }

    /// A feature report that the driver sets. `drive` gets the lines whose level that changes.
    ///
    /// - Returns: whether the chip knows it.
    package mutating func setFeature(_ report: [UInt8], drive: (UInt32, Int32) -> Void) -> Bool {
        guard report.count >= 3 else { return false }
        switch report[0] {
        case Report.gpioConfiguration: directions = report[1]
        case Report.gpioSet: levels = levels & ~report[2] | report[1] & report[2]
        case Report.busConfiguration: return true
        default: return false
        }
        for line in lines {
            // Nobody drives an input: the board's resistor pulls it to where it is inactive.
            let isActive = directions & line.bit != 0 && (levels & line.bit != 0) != line.isActiveLow
            drive(line.line, isActive ? 1 : 0)
        }
        return true
    }
}
