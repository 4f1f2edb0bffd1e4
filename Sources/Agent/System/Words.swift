internal import CPlatform
internal import FoundationEssentials
internal import Glibc

/// Why a call on files failed, in the kernel's words.
package func fileReason(_ error: any Error) -> String {
    let cause = (error as? CocoaError)?.underlying ?? error
    guard let cause = cause as? POSIXError else { return oneLine("\(cause)") }
    return String(cString: da_error_text(-cause.code.rawValue))
}

/// `value` as printf(3) writes it; `format` has one conversion, of a double.
package func printed(_ format: String, _ value: Double) -> String {
    // Longer than any double with three decimals.
    var text = [CChar](repeating: 0, count: 400)
    let count = withVaList([value]) { vsnprintf(&text, text.count, format, $0) }
    return String(decoding: text.prefix(max(0, Int(count))).map(UInt8.init(bitPattern:)), as: UTF8.self)
}

extension StringProtocol {
    /// Without white space at its ends.
    package var trimmed: String {
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
