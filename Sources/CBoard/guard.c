#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "board.h"
#include "platform.h"

/* A transfer runs on the guard's own thread; the caller waits at most until its deadline. The job's bytes
 * belong to the guard, so that a transfer which ends late cannot write into a caller that went on.
 *
 * Hand-over by one word, on which the sleeping side waits: the caller writes the job and sets WANTED; the thread
 * writes the result and sets DONE; only the caller takes DONE back to IDLE. Whose turn it is has the job to itself, so
 * there is no lock. A mutex with two condition variables took twice the CPU: each signal woke the other side into a
 * lock that was still held. */

/* How long a caller waits for an earlier transfer that was given up, ns: one that was only a little late has ended by
 * then and costs no second tick; one that hangs must not eat every tick. A longest transfer takes 0.8 ms at 400 kHz. */
static const uint64_t busy_wait_ns = 500 * 1000;

enum turn { IDLE, WANTED, DONE };
enum { GUARDS = 2 };

struct guard {
    da_bus inner;
    _Atomic uint32_t turn;
    uint64_t deadline_ns; /* the caller's own */
    uint8_t is_write, address, reg, count;
    uint8_t bytes[DA_BUS_BYTES];
    int32_t result;
};

static struct guard guards[GUARDS];
static int used;

/* Sleeps while the word is `value`, at most until the absolute CLOCK_MONOTONIC time. May wake early. */
static int sleep_while(_Atomic uint32_t *word, uint32_t value, const struct timespec *until) {
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value, until, NULL, FUTEX_BITSET_MATCH_ANY);
    return result < 0 ? errno : 0;
}

static void pass(_Atomic uint32_t *word, uint32_t value) {
    atomic_store_explicit(word, value, memory_order_release);
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void serve(void *context) {
    struct guard *guard = context;
    for (;;) {
        uint32_t turn = atomic_load_explicit(&guard->turn, memory_order_acquire);
        if (turn != WANTED) {
            sleep_while(&guard->turn, turn, NULL);
            continue;
        }
        guard->result = guard->is_write
                            ? da_bus_write(&guard->inner, guard->address, guard->reg, guard->bytes, guard->count)
                            : da_bus_read(&guard->inner, guard->address, guard->reg, guard->bytes, guard->count);
        pass(&guard->turn, DONE);
    }
}

/* Waits for the thread's turn to be over. Returns whether it is; bound: an absolute deadline. */
static int await_thread(struct guard *guard, uint64_t deadline_ns) {
    struct timespec until = {.tv_sec = (time_t)(deadline_ns / 1000000000u), .tv_nsec = (long)(deadline_ns % 1000000000u)};
    for (int error = 0; error != ETIMEDOUT;) {
        if (atomic_load_explicit(&guard->turn, memory_order_acquire) != WANTED) return 1;
        error = sleep_while(&guard->turn, WANTED, &until);
    }
    return atomic_load_explicit(&guard->turn, memory_order_acquire) != WANTED;
}

static int32_t transfer(struct guard *guard, uint8_t is_write, uint8_t address, uint8_t reg, uint8_t *bytes,
                        uint8_t count) {
    if (count == 0 || count > DA_BUS_BYTES) return -EINVAL;
    /* WANTED now: an earlier transfer was given up and has not ended. */
    uint64_t patience = 0;
    if (atomic_load_explicit(&guard->turn, memory_order_acquire) == WANTED) {
        patience = da_now() + busy_wait_ns;
        if (patience > guard->deadline_ns) patience = guard->deadline_ns;
    }
    if (!await_thread(guard, patience)) return -EBUSY;
    /* Nobody waits for it any more: a command whose tick is over would come as an old one, and hold up the next. */
    if (da_now() >= guard->deadline_ns) return -ECANCELED;
    guard->is_write = is_write;
    guard->address = address;
    guard->reg = reg;
    guard->count = count;
    if (is_write) memcpy(guard->bytes, bytes, count);
    pass(&guard->turn, WANTED);
    if (!await_thread(guard, guard->deadline_ns)) return -ETIMEDOUT;
    int32_t result = guard->result;
    if (result == 0 && !is_write) memcpy(bytes, guard->bytes, count);
    atomic_store_explicit(&guard->turn, IDLE, memory_order_relaxed);
    return result;
}

static int32_t guarded_read(void *context, uint8_t address, uint8_t reg, uint8_t *bytes, uint8_t count) {
    return transfer(context, 0, address, reg, bytes, count);
}

static int32_t guarded_write(void *context, uint8_t address, uint8_t reg, const uint8_t *bytes, uint8_t count) {
    return transfer(context, 1, address, reg, (uint8_t *)bytes, count);
}

int32_t da_bus_guard(da_bus *guarded, const da_bus *inner, int32_t priority, int32_t cpu) {
    if (used == GUARDS) return -EMFILE;
    struct guard *guard = &guards[used++];
    memset(guard, 0, sizeof *guard);
    guard->inner = *inner;
    pthread_t thread;
    int32_t error = da_thread_start(
        &thread, (da_thread_options){.name = "flight-bus", .priority = priority, .cpu = cpu}, NULL, serve, guard);
    if (error) return error;
    *guarded = (da_bus){.context = guard, .read = guarded_read, .write = guarded_write};
    return 0;
}

void da_bus_guard_deadline(const da_bus *guarded, uint64_t deadline_ns) {
    struct guard *guard = guarded->context;
    guard->deadline_ns = deadline_ns;
}
