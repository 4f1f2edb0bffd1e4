#include <string.h>

#include "droneagent_contract.h"

/* CRC-32C, reflected polynomial 0x82F63B78 (RFC 3720, appendix B.4), four bits a step: a table of 16
 * words stays in one cache line pair, and no table has to be built at start. */
static const uint32_t table[16] = {
    0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
    0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

static uint32_t byte_step(uint32_t crc, uint8_t byte) {
    crc ^= byte;
    crc = (crc >> 4) ^ table[crc & 15];
    return (crc >> 4) ^ table[crc & 15];
}

/* Both architectures have this very CRC as an instruction, as an extension: 2 KB, which the tick keeps of its flight,
 * take 0.3 us with it and 20 us without. As text for the assembler, so that no compiler flag is needed. */
#if defined(__x86_64__)
#include <cpuid.h>
static int has_instruction(void) {
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2);
}
static uint32_t word_step(uint32_t crc, uint64_t word) {
    uint64_t wide = crc;
    __asm__("crc32q %1, %0" : "+r"(wide) : "r"(word));
    return (uint32_t)wide;
}
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
static int has_instruction(void) { return (getauxval(AT_HWCAP) & (1 << 7)) != 0; } /* HWCAP_CRC32 */
static uint32_t word_step(uint32_t crc, uint64_t word) {
    __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
    return crc;
}
#else
static int has_instruction(void) { return 0; }
static uint32_t word_step(uint32_t crc, uint64_t word) { return crc ^ (uint32_t)word; }
#endif

uint32_t da_crc32c(const void *bytes, uint64_t count) {
    /* Asked once: on a virtual machine the question takes microseconds. 0: not yet, 1: no, 2: yes. */
    static int instruction;
    int known = __atomic_load_n(&instruction, __ATOMIC_RELAXED);
    if (known == 0) {
        known = 1 + has_instruction();
        __atomic_store_n(&instruction, known, __ATOMIC_RELAXED);
    }
    const uint8_t *at = bytes;
    uint32_t crc = 0xFFFFFFFF;
    for (; known == 2 && count >= 8; count -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        crc = word_step(crc, word);
    }
    for (uint64_t i = 0; i < count; i++) crc = byte_step(crc, at[i]);
    return ~crc;
}
