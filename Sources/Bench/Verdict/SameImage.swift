extension FlightJudge {
    /// An update to the image that flew already: the new instance must do in shadow what the old one does.
    package struct SameImage: Equatable, Sendable {
        package var old: String
        package var new: String
        /// ns; from then on the new instance stood on a cut.
        package var shadowBegan: UInt64

        package init(old: String, new: String, shadowBegan: UInt64) {
            self.old = old
            self.new = new
            self.shadowBegan = shadowBegan
        }

        /// An update that has ended.
        package struct Update: Sendable {
            /// s, CLOCK_MONOTONIC; nil: it never came to that.
            package var shadowBegan: Double?
            /// Of `droneagent update`: 0 updated, 3 and 4 had the motors and lost them, all others never had them.
            package var code: Int32

            package init(shadowBegan: Double?, code: Int32) {
                self.shadowBegan = shadowBegan
                self.code = code
            }
        }

        /// Who updated whom, of updates that all go to one image.
        ///
        /// - Parameters:
        ///   - drivers: instances in the order in which they first drove.
        ///   - updates: in the order of time.
        ///   - isFirst: the first of them has that image, too.
        /// - Returns: in the order of time.
        package static func pairs(drivers: [String], updates: [Update], isFirst: Bool) -> [SameImage] {
            guard let first = drivers.first else { return [] }
            var (flies, isSame, others) = (first, isFirst, drivers.dropFirst())
            var pairs: [SameImage] = []
            for update in updates where [0, 3, 4].contains(update.code) {
                guard let new = others.popFirst() else { break }
                if isSame, let began = update.shadowBegan {
                    pairs.append(SameImage(old: flies, new: new, shadowBegan: UInt64(began * 1e9)))
                }
                if update.code == 0 { (flies, isSame) = (new, true) }
            }
            return pairs
        }
    }
}
