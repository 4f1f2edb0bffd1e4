#include "droneagent_contract.h"

#include <string.h>

/* CRC-32C, reflected polynomial 0x82F63B78 (RFC 3720, appendix B.4), four bits a step: a table of 16
 * words stays in one cache line pair, and no table has to be built at start. */
static const uint32_t table[16] = {
    0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
    0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

static uint32_t bytewise(uint32_t crc, const uint8_t *at, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        crc ^= at[i];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return crc;
}

/* Both CPUs that matter here have an instruction for this very polynomial, fifty times as fast: state of many
 * megabytes is summed four times on its way. A CPU without it takes the table. */
#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
wordwise(uint32_t crc, const uint8_t *at, uint64_t words) {
    uint64_t sum = crc;
    for (uint64_t i = 0; i < words; i++) {
        uint64_t word;
        memcpy(&word, at + 8 * i, 8);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    return (uint32_t)sum;
}
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__)
#include <sys/auxv.h>
__attribute__((target("crc"))) static uint32_t
wordwise(uint32_t crc, const uint8_t *at, uint64_t words) {
    for (uint64_t i = 0; i < words; i++) {
        uint64_t word;
        memcpy(&word, at + 8 * i, 8);
        crc = __builtin_arm_crc32cd(crc, word);
    }
    return crc;
}
/* Bit HWCAP_CRC32 of the kernel's <asm/hwcap.h>. */
static int has_instruction(void) { return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; }
#else
static uint32_t wordwise(uint32_t crc, const uint8_t *at, uint64_t words) { return bytewise(crc, at, 8 * words); }
static int has_instruction(void) { return 0; }
#endif

uint32_t da_crc32c(const void *bytes, uint64_t count) {
    const uint8_t *at = bytes;
    uint64_t words = has_instruction() ? count / 8 : 0;
    uint32_t crc = wordwise(0xFFFFFFFF, at, words);
    return ~bytewise(crc, at + 8 * words, count - 8 * words);
}
