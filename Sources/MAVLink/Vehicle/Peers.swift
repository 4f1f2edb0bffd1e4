/// Where telemetry goes: places that were named at the start, and stations that have spoken lately.
package struct Peers<Place: Hashable & Sendable>: Sendable {
    /// Stations at once; more are not answered.
    package static var stationsMax: Int { 8 }
    /// A station that is silent for so long, ms, is forgotten.
    package static var silenceMax: UInt64 { 10_000 }

    private let named: [Place]
    private var stations: [Place: UInt64] = [:]

    package init(named: [Place]) { self.named = named }

    package var all: [Place] { named + stations.keys }

    /// A message came from there that counts. Returns whether it is answered.
    package mutating func hear(_ place: Place, at time: UInt64) -> Bool {
        if named.contains(place) { return true }
        guard stations[place] != nil || stations.count < Self.stationsMax else { return false }
        stations[place] = time
        return true
    }

    package mutating func forget(at time: UInt64) {
        stations = stations.filter { time < $0.value + Self.silenceMax }
    }
}
