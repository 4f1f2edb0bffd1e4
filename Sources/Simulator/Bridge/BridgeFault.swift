internal import Glibc

/// Why the bench's chips cannot be served.
package enum BridgeFault: Error, Equatable, CustomStringConvertible {
    case system(String, code: Int32)
    case log(RecordFileFault)

    package var description: String {
        switch self {
        case .system(let what, let code):
            "The simulator cannot \(what): \(String(cString: strerror(code)))."
        case .log(let fault):
            "The simulator cannot keep its logs: \(fault.description)"
        }
    }
}
