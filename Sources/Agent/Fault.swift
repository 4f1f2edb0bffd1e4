internal import Contract

/// Something that did not work, as one sentence for a person: what is wrong, where, what to do.
package struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
    package var sentence: String

    /// What others named in it is made printable: it is one line, whatever they wrote.
    package init(_ sentence: String) { self.sentence = printable(sentence) }

    package var description: String { sentence }
}

extension Fault {
    /// Any error as a fault; one that already is a fault keeps its sentence.
    package init(_ error: any Error, while doing: String) {
        if let fault = error as? Fault {
            self = fault
        } else {
            self.init("\(doing) failed: \(error).")
        }
    }
}
