import CPlatform

/// The same flight once for each way of replacing a flight container.
package struct PeersRun {
    /// s for criu to look at the kernel.
    private static let checkLimit = 30.0

    /// s: what an engine takes between one container's end and the next one's first command, on fast and slow machines.
    private static let gaps = [0.25, 0.5, 1, 2]

    private let options: PeersOptions

    package init(_ options: PeersOptions) { self.options = options }

    /// Flies and writes peers.json after each; `say` hears what is going on.
    ///
    /// - Throws: `BenchFault` when a flight could not be flown to its end.
    package func fly(_ peers: [Peer], _ say: (String) -> Void) throws(BenchFault) -> PeersTable {
        var table = PeersTable()
        table.machine = Machine.description
        for peer in peers {
            for core in peer.cores {
                let outcome = try outcome(peer, core)
                table.add(outcome)
                say(outcome.line)
                try table.write(options.out + "/peers.json")
            }
        }
        if peers.contains(.stopThenStart) {
            table.gaps = PeerTrial.gaps(Self.gaps)
            try table.write(options.out + "/peers.json")
        }
        return table
    }

    private func outcome(_ peer: Peer, _ core: Peer.Core) throws(BenchFault) -> PeerOutcome {
        let flight = try PeerFlight(peer, core, options)
        if peer == .checkpoint, let refusal = try checkpointRefusal() {
            var outcome = PeerOutcome(peer, core)
            outcome.reason = refusal
            return outcome
        }
        var outcome = try flight.fly()
        if core == .plain || peer == .update {
            outcome.falls = PeerTrial.fallen(peer, gapTicks: outcome.gapTicks)
        }
        return outcome
    }

    private func checkpointRefusal() throws(BenchFault) -> String? {
        try CheckpointSupport.refusal(log: options.out + "/peers/criu.log") { child throws(BenchFault) in
            let end = da_now() + UInt64(Self.checkLimit * 1e9)
            while child.isRunning {
                guard da_now() < end else { throw BenchFault("'criu check' does not end.") }
                da_sleep_until(da_now() + 20_000_000)
            }
        }
    }
}
