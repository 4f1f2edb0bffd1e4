import CContract
import CPlatform
import Glibc

/// Strikes what a policy names: containers, agent, core, queues, the ways to registry and engine, chips.
final class ChaosTargets {
    /// Files of one flight.
    struct Places {
        var engine: String
        var registry: String
        var run: String
        var pipe: String
    }

    let engine: Proxy
    let registry: Proxy
    private let queues: QueueProxies
    private let labels: ContainerLabels
    private let places: Places
    private let faults: [ChaosFault]
    /// What each fault has put in, to be taken out again.
    private var active: [Int: [String]] = [:]
    private var paused: [Int: [Int32]] = [:]
    /// Kills and stops these; set by the flight.
    var agentPid: () -> Int32? = { nil }
    var corePid: () -> Int32? = { nil }

    init(_ places: Places, _ faults: [ChaosFault]) throws(BenchFault) {
        self.places = places
        self.faults = faults
        engine = try Proxy(.unix(places.run + "/engine.sock"), before: .unix(places.engine), .http)
        registry = try Proxy(.loopback(0), before: try StreamPlace(address: places.registry), .http)
        queues = try QueueProxies(folder: places.run + "/instances")
        labels = ContainerLabels(engine: places.engine)
    }

    func end() {
        for index in paused.keys { finish(index) }
        queues.end()
        engine.end()
        registry.end()
        labels.end()
    }

    /// Pieces, requests and messages that went through the proxies while they were told to hurt them.
    var struck: Int { queues.struck + engine.struck + registry.struck }

    /// Begins a fault; gives whom it strikes, empty: nobody is there.
    func begin(_ index: Int) -> [String] {
        let fault = faults[index]
        switch fault.place {
        case .agent: return strike(index, [(name: "agent", pid: agentPid())])
        case .core: return strike(index, [(name: "core", pid: corePid())])
        case .containers: return strike(index, selected(fault).map { (name: $0.name, pid: Optional($0.pid)) })
        case .queue:
            let names = selected(fault).map(\.name)
            active[index] = names
            refresh()
            return names
        case .registry, .engine:
            guard fault.labels.isEmpty || !selected(fault).isEmpty else { return [] }
            active[index] = [fault.place.rawValue]
            refresh()
            return [fault.place.rawValue]
        case .imu: return ask(fault, 0x68)
        case .barometer: return ask(fault, 0x76)
        case .motors: return ask(fault, 0x41)
        case .battery: return ask(fault, 0x40)
        }
    }

    /// Ends a fault.
    func finish(_ index: Int) {
        for pid in paused.removeValue(forKey: index) ?? [] { kill(pid, SIGCONT) }
        if active.removeValue(forKey: index) != nil { refresh() }
    }

    private func ask(_ fault: ChaosFault, _ address: UInt8) -> [String] {
        let order: WorldFaults.Order =
            fault.kind == .brownout
            ? .brownOut(address: address)
            : .nack(address: address, milliseconds: max(1, Int(fault.lasts * 1000)))
        return WorldFaults.ask(order, path: places.pipe) ? [fault.place.rawValue] : []
    }

    private func strike(_ index: Int, _ whom: [(name: String, pid: Int32?)]) -> [String] {
        let isPause = faults[index].kind == .pause
        var struck: [String] = []
        for (name, pid) in whom {
            guard let pid, pid > 0, kill(pid, isPause ? SIGSTOP : SIGKILL) == 0 else { continue }
            if isPause { paused[index, default: []].append(pid) }
            struck.append(name)
        }
        return struck
    }

    /// Containers that run and have the labels.
    private func selected(_ fault: ChaosFault) -> [(name: String, pid: Int32)] {
        queues.instances.compactMap { name in
            guard let found = labels.find(name), fault.selects(found.labels) else { return nil }
            return (name, found.pid)
        }
    }

    /// Tells each proxy all that is at work now.
    private func refresh() {
        for name in queues.instances { queues.disturb(name, disturbances { $0.place == .queue && $1.contains(name) }) }
        engine.disturb(disturbances { fault, _ in fault.place == .engine })
        registry.disturb(disturbances { fault, _ in fault.place == .registry })
    }

    private func disturbances(_ isMeant: (ChaosFault, [String]) -> Bool) -> [Disturbance] {
        active.keys.sorted().compactMap { index in
            guard isMeant(faults[index], active[index] ?? []) else { return nil }
            return faults[index].disturbance
        }
    }
}

extension ChaosFault {
    /// What a proxy does for it; nil: no proxy does.
    var disturbance: Disturbance? {
        switch kind {
        case .delay: Disturbance(.delay(strength))
        case .loss: Disturbance(.loss(strength))
        case .throttle: Disturbance(.throttle(max(1, Int(strength))))
        case .cut: Disturbance(.cut(after: Int(strength)))
        case .refuse: Disturbance(.refuse)
        case .hang: Disturbance(.hang)
        case .status: Disturbance(.status(Int(strength), "struck by the bench"))
        case .kill, .pause, .nack, .brownout: nil
        }
    }
}
