internal import Contract

/// The vehicle as ground stations see it. Pure: datagrams, the core's word and the time in, datagrams and orders out.
///
/// It can be asked by anybody who reaches it, and everything is bounded: frames of a datagram, stations, senders, commands a
/// second. `Place` is where a datagram comes from and goes to.
package struct Vehicle<Place: Hashable & Sendable> {
    package struct Options: Sendable {
        /// The vehicle's number among those of one network.
        package var system: UInt8 = 1
        /// Whether stations may fly the vehicle; else they are told about it only.
        package var acceptsCommands = false
        /// nil: nothing is signed and signatures are not looked at.
        package var key: [UInt8]?
        /// Places that are told without having spoken.
        package var named: [Place] = []

        package init() {}
    }

    package struct Time: Equatable, Sendable {
        /// ms since this program's start.
        package var milliseconds: UInt64
        /// Of the wall clock, 10 us since 2015, for signatures.
        package var stamp: UInt64

        package init(milliseconds: UInt64, stamp: UInt64) {
            self.milliseconds = milliseconds
            self.stamp = stamp
        }
    }

    package struct Datagram: Equatable, Sendable {
        package var bytes: [UInt8]
        package var place: Place
    }

    /// What the core said when it was looked at last.
    package enum Look: Equatable, Sendable {
        case state(VehicleState)
        /// Why it did not answer, one sentence.
        case lost(String)
    }

    /// Of what came.
    package struct Counts: Equatable, Sendable {
        package var taken: UInt64 = 0
        /// No frames, or frames that do not check.
        package var malformed: UInt64 = 0
        /// Messages that this program does not know.
        package var unknown: UInt64 = 0
        /// Not signed, wrongly signed, or sent before.
        package var unbelieved: UInt64 = 0
        /// Not heard because there are enough stations.
        package var crowded: UInt64 = 0
        /// Commands and pilot's frames that may not or cannot be carried out.
        package var refused: UInt64 = 0
    }

    /// Carries an order out.
    package typealias Ask = (Order) -> OrderAnswer

    /// Frames of one datagram that are read: ground stations send one.
    package static var framesMax: Int { 16 }
    /// Commands that go on to the core in one second; more are turned down.
    package static var commandsMax: Int { 20 }
    /// A repeated command gets the first one's answer within so long, ms.
    private static var repeatLimit: UInt64 { 5000 }

    private let options: Options
    private var signing: Signing?
    private var peers: Peers<Place>
    private var sequences: [Place: UInt8] = [:]
    private var telemetry = Telemetry()
    private var texts = StatusText()
    private var news = FlightNews()
    private var link = PilotLink()
    private var parameters = Parameters()
    private var isArmed = false
    /// The core's last no to a pilot's frame, so that it is said once.
    private var pilotRefusal: String?
    private var commandsSince: UInt64 = 0
    private var commandCount = 0
    private var last: (sender: Sender, command: UInt16, result: UInt8, time: UInt64)?
    private var said: Set<String> = []
    private var waiting: [String] = []
    package private(set) var counts = Counts()

    package init(_ options: Options) {
        self.options = options
        signing = options.key.map { Signing(key: $0) }
        peers = Peers(named: options.named)
    }

    /// For the one who started this program: each kind of trouble with a station once.
    package mutating func takeNotices() -> [String] {
        defer { waiting = [] }
        return waiting
    }

    private mutating func notice(_ sentence: String) {
        if said.insert(sentence).inserted { waiting.append(sentence) }
    }

    // MARK: What comes

    /// Takes a datagram; returns the answers.
    package mutating func receive(
        _ bytes: [UInt8], from place: Place, at time: Time, ask: Ask
    ) -> [Datagram] {
        var answers: [Datagram] = []
        var rest = bytes[...]
        for _ in 0..<Self.framesMax where !rest.isEmpty {
            let reading = Packet.read(rest)
            rest = rest.dropFirst(reading.frame.count)
            switch reading.result {
            case .success(let packet):
                guard isBelieved(packet, reading.frame, time) else { continue }
                answers += hear(packet, place, time, ask)
            case .failure(.unknown): counts.unknown += 1
            case .failure(let fault):
                counts.malformed += 1
                if fault == .version1 {
                    notice(
                        "A ground station speaks MAVLink 1, which is not understood; set it to version 2 (pymavlink: "
                            + "MAVLINK20=1).")
                }
            }
        }
        return answers
    }

    private mutating func isBelieved(_ packet: Packet, _ frame: ArraySlice<UInt8>, _ time: Time) -> Bool {
        guard signing != nil else { return true }
        do throws(Signing.Fault) {
            try signing?.check(frame, of: packet, at: time.stamp)
            return true
        } catch {
            counts.unbelieved += 1
            switch error {
            case .unsigned: notice("A ground station does not sign; give it the key.")
            case .wrong: notice("A ground station signs with another key.")
            case .old:
                notice(
                    "A ground station's first message is more than a minute old by this machine's clock; set both clocks."
                )
            case .replayed: notice("A message came that had been signed and sent before; it was not taken.")
            case .crowded: notice("More than \(Signing.streamsMax) senders sign; the last ones are not heard.")
            }
            return false
        }
    }

    private mutating func hear(_ packet: Packet, _ place: Place, _ time: Time, _ ask: Ask) -> [Datagram] {
        // Our own, sent back.
        guard packet.sender != own else { return [] }
        guard peers.hear(place, at: time.milliseconds) else {
            counts.crowded += 1
            return []
        }
        counts.taken += 1
        let content = packet.content
        let sender = packet.sender
        if let heartbeat = content.read(as: Dialect.Heartbeat.self) {
            let stations = [Dialect.VehicleType.groundStation, Dialect.VehicleType.companion]
            if stations.contains(heartbeat.type) { link.hear(heartbeat: sender, at: time.milliseconds) }
            return []
        }
        if let sticks = content.read(as: Dialect.ManualControl.self) {
            return fly(sticks, sender, time, ask)
        }
        if let command = Command(content) {
            guard command.system == options.system, isOurs(command.component) else { return [] }
            return answer(command, sender, place, time, ask)
        }
        return reply(to: content).map { datagrams([$0], to: [place], time) } ?? []
    }

    /// To questions about what there is: one parameter, no mission.
    private mutating func reply(to content: Content) -> Content? {
        if let list = content.read(as: Dialect.ParamRequestList.self) {
            return isOurs(list.targetSystem, list.targetComponent) ? parameters.list() : nil
        }
        if let read = content.read(as: Dialect.ParamRequestRead.self) {
            return isOurs(read.targetSystem, read.targetComponent) ? parameters.read(read) : nil
        }
        if let set = content.read(as: Dialect.ParamSet.self) {
            guard isOurs(set.targetSystem, set.targetComponent) else { return nil }
            return parameters.set(set, isAllowed: options.acceptsCommands)
        }
        if let list = content.read(as: Dialect.MissionRequestList.self) {
            guard isOurs(list.targetSystem, list.targetComponent) else { return nil }
            var count = Dialect.MissionCount()
            count.missionType = list.missionType
            return count.content
        }
        return nil
    }

    private var own: Sender { Sender(system: options.system, component: Dialect.Component.autopilot) }

    private func isOurs(_ component: UInt8) -> Bool {
        component == Dialect.Component.all || component == Dialect.Component.autopilot
    }

    private func isOurs(_ system: UInt8, _ component: UInt8) -> Bool {
        (system == options.system || system == 0) && isOurs(component)
    }

    // MARK: Commands

    private mutating func answer(
        _ command: Command, _ sender: Sender, _ place: Place, _ time: Time, _ ask: Ask
    ) -> [Datagram] {
        func acknowledge(_ result: UInt8) -> Content {
            var message = Dialect.CommandAck()
            message.command = command.number
            message.result = result
            message.targetSystem = sender.system
            message.targetComponent = sender.component
            return message.content
        }
        if let asked = Self.isQuestion(command) {
            let contents = asked ? [acknowledge(Dialect.CommandResult.accepted), version] : nil
            return datagrams(contents ?? [acknowledge(Dialect.CommandResult.unsupported)], to: [place], time)
        }
        let (result, sentence) = carryOut(command, sender, time, ask)
        if result != Dialect.CommandResult.accepted { counts.refused += 1 }
        let ack = datagrams([acknowledge(result)], to: [place], time)
        return ack + (sentence.map { say(Dialect.Severity.warning, $0, at: time) } ?? [])
    }

    /// Whether it asks for a message that is told at once; nil: it is another command.
    private static func isQuestion(_ command: Command) -> Bool? {
        switch command.number {
        case Dialect.Command.requestMessage:
            command.parameters[0] == Float(Dialect.AutopilotVersion.definition.id)
        case Dialect.Command.requestCapabilities: true
        default: nil
        }
    }

    /// MAV_RESULT, and why it was refused.
    private mutating func carryOut(
        _ command: Command, _ sender: Sender, _ time: Time, _ ask: Ask
    ) -> (UInt8, String?) {
        typealias Result = Dialect.CommandResult
        let now = time.milliseconds
        let order: Order
        switch command.order(takeoffHeight: parameters.takeoffHeight) {
        case .success(let known): order = known
        case .failure(.unsupported): return (Result.unsupported, nil)
        case .failure(.value(let sentence)): return (Result.denied, sentence)
        }
        guard options.acceptsCommands else {
            return (Result.denied, "Stations are only told about the flight; start with --accept-commands to fly.")
        }
        // A station that missed the answer asks once more; the vehicle may have gone on since.
        if command.confirmation > 0, let last, last.sender == sender, last.command == command.number,
            now < last.time + Self.repeatLimit
        {
            return (last.result, nil)
        }
        if now >= commandsSince + 1000 { (commandsSince, commandCount) = (now, 0) }
        commandCount += 1
        guard commandCount <= Self.commandsMax else { return (Result.temporarilyRejected, nil) }
        // Who arms holds the pilot's link, and the core arms only with somebody who does.
        if order == .arm, !link.isFlownByHand { _ = ask(.pilot(.level)) }
        let (result, sentence): (UInt8, String?) =
            switch ask(order) {
            case .done: (Result.accepted, nil)
            case .refused(let why): (Result.temporarilyRejected, why)
            case .unreachable(let why): (Result.failed, why)
            }
        if order == .arm, result == Result.accepted { link.arm(by: sender, at: now) }
        last = (sender, command.number, result, now)
        return (result, sentence)
    }

    private var version: Content {
        var message = Dialect.AutopilotVersion()
        message.capabilities =
            Dialect.Capability.version2 | Dialect.Capability.parametersAsFloat | Dialect.Capability.commandInt
        return message.content
    }

    // MARK: Pilot

    private mutating func fly(
        _ sticks: Dialect.ManualControl, _ sender: Sender, _ time: Time, _ ask: Ask
    ) -> [Datagram] {
        guard sticks.target == options.system else { return [] }
        guard options.acceptsCommands else {
            counts.refused += 1
            notice("A ground station wants to fly by MANUAL_CONTROL; start with --accept-commands to let it.")
            return []
        }
        do throws(PilotLink.Fault) {
            try link.take(sticks, from: sender, at: time.milliseconds)
        } catch {
            counts.refused += 1
            notice(
                error == .taken
                    ? "Two ground stations want to fly by MANUAL_CONTROL; one is not heard while the other flies."
                    : "A MANUAL_CONTROL was out of range; sticks run from -1000 to 1000, thrust from 0 to 1000.")
            return []
        }
        return holdLink(time, ask)
    }

    private mutating func holdLink(_ time: Time, _ ask: Ask) -> [Datagram] {
        guard options.acceptsCommands, let order = link.order(isArmed: isArmed, at: time.milliseconds) else {
            return []
        }
        guard case .refused(let why) = ask(order) else {
            pilotRefusal = nil
            return []
        }
        counts.refused += 1
        defer { pilotRefusal = why }
        return why == pilotRefusal ? [] : say(Dialect.Severity.warning, why, at: time)
    }

    // MARK: What goes

    /// What is due now: telemetry, news, and the pilot's link. Call it every 20 ms or so.
    package mutating func turn(_ look: Look, at time: Time, ask: Ask) -> [Datagram] {
        peers.forget(at: time.milliseconds)
        var out: [Datagram] = []
        switch look {
        case .state(let state):
            isArmed = state.mode.isArmed
            for line in news.take(state) { out += say(line.severity, line.sentence, at: time) }
            let due = telemetry.due(state, at: time.milliseconds, accepts: options.acceptsCommands)
            out += datagrams(due, to: peers.all, time)
        case .lost(let sentence):
            // Without the core nothing is known of the vehicle: its heartbeat stops.
            for line in news.lose(sentence) { out += say(line.severity, line.sentence, at: time) }
        }
        let places = Set(peers.all)
        sequences = sequences.filter { places.contains($0.key) }
        return out + holdLink(time, ask)
    }

    /// Says a sentence to all stations.
    package mutating func say(_ severity: UInt8, _ sentence: String, at time: Time) -> [Datagram] {
        datagrams(texts.contents(severity, sentence), to: peers.all, time)
    }

    private mutating func datagrams(_ contents: [Content], to places: [Place], _ time: Time) -> [Datagram] {
        var out: [Datagram] = []
        for content in contents {
            for place in places {
                let sequence = sequences[place] ?? 0
                sequences[place] = sequence &+ 1
                let packet = Packet(content, from: own, sequence: sequence, isSigned: signing != nil)
                let bytes = packet.bytes
                out.append(Datagram(bytes: signing?.sign(bytes, at: time.stamp) ?? bytes, place: place))
            }
        }
        return out
    }
}
