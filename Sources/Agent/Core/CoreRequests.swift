package import CContract
package import Contract

extension CoreClient {
    /// Sends a request; a refusal is thrown as the core's sentence.
    ///
    /// - Throws: `CoreRefusal` when the core says no, `Fault` when it cannot be asked.
    @discardableResult
    package func perform(_ request: da_request) throws -> da_status {
        let reply = try call(request)
        guard reply.refused == 0 else { throw CoreRefusal(sentence: text(reply.text)) }
        return reply.status
    }

    /// - Throws: as `perform`.
    package func status() throws -> da_status { try perform(.operation(.status)) }
}

/// The core's no, in its own words.
package struct CoreRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    package var sentence: String

    package init(sentence: String) { self.sentence = sentence }

    package var description: String { sentence }
}

extension da_request {
    /// A request without arguments.
    package static func operation(_ operation: Operation) -> da_request {
        var request = da_request.make()
        request.operation = operation.rawValue
        return request
    }

    /// A request about one instance.
    package static func operation(
        _ operation: Operation, name: String, directory: String = "", ticks: UInt32 = 0
    ) -> da_request {
        var request = da_request.operation(operation)
        fill(&request.name, with: name)
        fill(&request.path, with: directory)
        request.ticks = ticks
        return request
    }
}

extension da_status {
    /// The slots in use, in order.
    package var instances: [da_instance_status] {
        [instance.0, instance.1, instance.2, instance.3].filter { $0.role != InstanceRole.empty.rawValue }
    }

    package func instance(named name: String) -> da_instance_status? {
        instances.first { text($0.name) == name }
    }

    /// Who owns the actuators; nil: nobody.
    package var owner: da_instance_status? { instances.first { $0.role == InstanceRole.owner.rawValue } }
}
