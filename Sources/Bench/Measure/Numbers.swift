import Agent

/// With so many digits behind the point.
package func decimal(_ value: Double, _ digits: Int = 2) -> String { printed("%.\(digits)f", value) }

/// Bytes as a person reads them: MB of 10^6, or KB.
package func bytes(_ count: Double) -> String {
    abs(count) >= 1e6 ? "\(decimal(count / 1e6, 1)) MB" : "\(decimal(count / 1e3, 0)) KB"
}
