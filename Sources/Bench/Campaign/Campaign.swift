/// Many flights, each from its own seed.
package enum Campaign {
    /// Flies `flights` seeds from `seed` on, on `cores` threads; `each` hears of every one.
    package static func fly(
        seed: UInt64, flights: Int, cores: Int, faults: Int? = nil, only: FaultKind? = nil,
        each: @escaping @Sendable (CampaignResult) -> Void = { _ in }
    ) async -> CampaignReport {
        await withTaskGroup(of: CampaignReport.self) { group in
            for core in 0..<max(1, cores) {
                group.addTask {
                    var report = CampaignReport()
                    for number in stride(from: core, to: flights, by: max(1, cores)) {
                        let plan = CampaignPlan(seed: seed &+ UInt64(number), count: faults, only: only)
                        let result = CampaignResult.fly(plan)
                        each(result)
                        report.add(result)
                    }
                    return report
                }
            }
            return await group.reduce(into: CampaignReport()) { $0.add($1) }
        }
    }
}
