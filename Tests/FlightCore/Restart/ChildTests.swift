import CPlatform
import Glibc
import Testing

/// What a supervisor learns of the end of its child.
@Suite struct ChildTests {
    @Test(arguments: [("exit 3", Int32(3)), ("kill -KILL $$", 128 + SIGKILL)])
    func itsEndIsToldAndItIsReaped(script: String, code: Int32) throws {
        var words: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", script].map { (word: String) in strdup(word) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        try #require(posix_spawn(&child, "/bin/sh", nil, nil, &words, nil) == 0)
        var status: Int32 = 0
        var ended: Int32 = 0
        let limit = da_now() + 10_000_000_000
        while ended == 0, da_now() < limit { ended = da_child_await(child, limit, &status) }
        #expect(ended == 1)
        #expect(da_child_code(status) == code)
        while kill(child, 0) == 0, da_now() < limit { da_sleep_until(da_now() + 1_000_000) }
        #expect(kill(child, 0) == -1 && errno == ESRCH)
    }
}
