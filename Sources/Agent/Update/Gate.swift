internal import CContract
internal import CPlatform
internal import Handover
internal import Logging

/// The way into an update: what flight and machine object to, and how long that is waited for.
extension FlightAgent {
    /// s that `--wait` may ask for.
    package static let waitMax = 600
    /// Between two looks while an update waits, and between two lines that say for what.
    private static let gateLook = Duration.milliseconds(200)
    private static let looksPerLine = 5

    /// Lets an update begin, or says in one sentence why it does not.
    func passGate(_ request: AgentRequest, _ progress: @escaping @Sendable (AgentLine) -> Void) async -> String? {
        isBusy = "An update waits for the flight to allow it"
        isWaiting = true
        defer { (isBusy, isWaiting) = (nil, false) }
        let limit = da_now() + UInt64(min(max(0, request.wait ?? 0), Self.waitMax)) * 1_000_000_000
        var looks = 0
        while true {
            let objections = await objections()
            guard !objections.isEmpty else { return nil }
            let why = objections.joined(separator: "; ")
            if request.now == true || request.dryRun == true {
                progress(.progress("gate", "Warning: \(why)."))
                logger.warning("gate", metadata: ["overridden": "\(request.now == true)", "why": "\(why)"])
                return nil
            }
            guard isWaiting else { return "The update that waited was called off; the old version flies on." }
            guard da_now() < limit else {
                let advice =
                    request.wait == nil ? "wait for it with --wait SECONDS, or override it with --now" : "try again"
                return "The update does not begin: \(why); \(advice)."
            }
            if looks % Self.looksPerLine == 0 { progress(.progress("gate", "Waiting: \(why).")) }
            looks += 1
            try? await Task.sleep(for: Self.gateLook)
        }
    }

    /// A core that does not answer is not the gate's to judge.
    private func objections() async -> [String] {
        if imageFolder == nil { imageFolder = try? await engine().setUp().folder }
        let host = host.read(state: directories.state, images: imageFolder)
        guard let status = try? core.status() else { return UpdateGate.objections(host) }
        let nobody = HandoverRequest(owner: "", candidate: "", isDryRun: true)
        return UpdateGate.objections(view(status, nobody)) + UpdateGate.objections(host)
    }
}
