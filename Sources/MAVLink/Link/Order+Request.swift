internal import Agent
internal import CContract
internal import Contract

extension Order {
    /// As the core's control socket takes it.
    var request: da_request {
        switch self {
        case .arm: return .operation(.arm)
        case .disarm(let isForced):
            var request = da_request.operation(.disarm)
            request.flags = isForced ? DA_REQUEST_FORCE.rawValue : 0
            return request
        case .takeOff(let height):
            var request = da_request.operation(.takeoff)
            request.value = height
            return request
        case .land: return .operation(.land)
        case .pilot(let setpoint):
            var request = da_request.operation(.pilot)
            request.setpoint = setpoint.contract
            return request
        }
    }
}
