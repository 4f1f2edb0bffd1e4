import Agent
import Testing

/// Digests as texts; SHA-256 against FIPS 180-4's examples, so that the right function is called.
@Suite struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func examples(message: String, digest: String) {
        #expect(Digest(of: Array(message.utf8)).text == "sha256:" + digest)
    }

    @Test func onlyLowerCaseSha256IsADigest() {
        let good = "sha256:" + String(repeating: "a", count: 64)
        #expect(Digest(good)?.short == "aaaaaaaaaaaa")
        for bad in [
            "", "sha256:", "sha512:" + String(repeating: "a", count: 64), good + "a", good.uppercased(), "a" + good,
        ] {
            #expect(Digest(bad) == nil)
        }
    }
}
