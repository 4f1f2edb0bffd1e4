/// The one parameter there is: how high a take-off goes that names no height. Its name is the one that MAVSDK sets.
struct Parameters {
    private static let name = "MIS_TAKEOFF_ALT"
    /// m; as the core's limits.
    private static let range: ClosedRange<Float> = 1...50

    /// m above the place of arming.
    private(set) var takeoffHeight: Float = 5

    func list() -> Content { value }

    /// nil: there is no such parameter.
    func read(_ message: Dialect.ParamRequestRead) -> Content? {
        let isOurs = message.paramIndex == 0 || message.paramIndex == -1 && message.paramId == Self.name
        return isOurs ? value : nil
    }

    /// Answers with what it is then: who sets it sees whether it was taken. nil: there is no such parameter.
    mutating func set(_ message: Dialect.ParamSet, isAllowed: Bool) -> Content? {
        guard message.paramId == Self.name else { return nil }
        if isAllowed, message.paramType == Dialect.ParameterType.real32, Self.range.contains(message.paramValue) {
            takeoffHeight = message.paramValue
        }
        return value
    }

    private var value: Content {
        var message = Dialect.ParamValue()
        message.paramId = Self.name
        message.paramValue = takeoffHeight
        message.paramType = Dialect.ParameterType.real32
        message.paramCount = 1
        return message.content
    }
}
