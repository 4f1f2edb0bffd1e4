internal import Glibc

/// Random numbers that a seed replays exactly: xoshiro256** (Blackman and Vigna, "Scrambled linear
/// pseudorandom number generators", 2021), seeded by SplitMix64 as its authors advise.
///
/// Each part of the world draws from a stream of its own, so that one part's use never shifts another's.
package struct RandomSource: Sendable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64
    private var spare = 0.0
    private var hasSpare = false

    package init(seed: UInt64, stream: UInt64 = 0) {
        var mix = seed &+ stream &* 0xD134_2543_DE82_EF95
        func split() -> UInt64 {
            mix &+= 0x9E37_79B9_7F4A_7C15
            var z = mix
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        s0 = split()
        s1 = split()
        s2 = split()
        s3 = split()
    }

    package mutating func next() -> UInt64 {
        let multiplied = s1 &* 5
        let result = ((multiplied << 7) | (multiplied >> 57)) &* 9
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = (s3 << 45) | (s3 >> 19)
        return result
    }

    /// Uniform in 0..<1, with 53 random bits.
    package mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Uniform in `low..<high`.
    package mutating func uniform(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * uniform()
    }

    /// Normal with mean 0 and standard deviation 1, by Marsaglia's polar method.
    package mutating func gaussian() -> Double {
        if hasSpare {
            hasSpare = false
            return spare
        }
        // Each trial succeeds with probability π/4; 64 in a row fail with 10^-43.
        for _ in 0..<64 {
            let x = 2 * uniform() - 1
            let y = 2 * uniform() - 1
            let s = x * x + y * y
            guard s < 1 && s > 0 else { continue }
            let k = (-2 * log(s) / s).squareRoot()
            spare = y * k
            hasSpare = true
            return x * k
        }
        return 0
    }

    /// Three independent normal numbers.
    package mutating func gaussianVector() -> Vector {
        Vector(gaussian(), gaussian(), gaussian())
    }
}
