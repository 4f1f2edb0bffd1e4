/// What keeps a flight of the bench from being flown or judged, in one sentence.
package struct BenchFault: Error, CustomStringConvertible, Sendable {
    package let description: String
    package init(_ description: String) { self.description = description }
}
