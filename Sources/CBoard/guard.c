#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "board.h"
#include "platform.h"

/* A transfer runs on the guard's own thread; the caller waits at most until its deadline. The job's bytes
 * belong to the guard, so that a transfer which ends late cannot write into a caller that went on.
 *
 * Hand-over: the caller writes the job and sets `state` to WANTED; the thread sets DONE; only the caller takes
 * DONE back to IDLE. The mutex is held for no longer than a copy, and inherits priority. */

/* How long a caller waits for an earlier transfer that was given up, ns: one that was only a little late has ended by
 * then and costs no second tick; one that hangs must not eat every tick. A longest transfer takes 0.8 ms at 400 kHz. */
static const uint64_t busy_wait_ns = 500 * 1000;

enum state { IDLE, WANTED, RUNNING, DONE };
enum { GUARDS = 2 };

struct guard {
    da_bus inner;
    pthread_mutex_t mutex;
    pthread_cond_t wanted;
    pthread_cond_t done;
    enum state state;
    uint64_t deadline_ns;
    uint8_t is_write, address, reg, count;
    uint8_t bytes[DA_BUS_BYTES];
    int32_t result;
};

static struct guard guards[GUARDS];
static int used;

static void serve(void *context) {
    struct guard *guard = context;
    pthread_mutex_lock(&guard->mutex);
    for (;;) {
        while (guard->state != WANTED) pthread_cond_wait(&guard->wanted, &guard->mutex);
        guard->state = RUNNING;
        uint8_t bytes[DA_BUS_BYTES];
        memcpy(bytes, guard->bytes, sizeof bytes);
        pthread_mutex_unlock(&guard->mutex);
        int32_t result = guard->is_write
                             ? da_bus_write(&guard->inner, guard->address, guard->reg, bytes, guard->count)
                             : da_bus_read(&guard->inner, guard->address, guard->reg, bytes, guard->count);
        pthread_mutex_lock(&guard->mutex);
        memcpy(guard->bytes, bytes, sizeof bytes);
        guard->result = result;
        guard->state = DONE;
        pthread_cond_signal(&guard->done);
    }
}

static struct timespec at(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

static int32_t transfer(struct guard *guard, uint8_t is_write, uint8_t address, uint8_t reg, uint8_t *bytes,
                        uint8_t count) {
    if (count == 0 || count > DA_BUS_BYTES) return -EINVAL;
    struct timespec deadline = at(guard->deadline_ns);
    pthread_mutex_lock(&guard->mutex);
    if (guard->state == WANTED || guard->state == RUNNING) {
        uint64_t limit = da_now() + busy_wait_ns;
        struct timespec patience = at(limit < guard->deadline_ns ? limit : guard->deadline_ns);
        int late = 0;
        while (guard->state != DONE && late == 0)
            late = pthread_cond_timedwait(&guard->done, &guard->mutex, &patience);
    }
    if (guard->state == DONE) guard->state = IDLE; /* a transfer that was given up has ended since */
    if (guard->state != IDLE) {
        pthread_mutex_unlock(&guard->mutex);
        return -EBUSY;
    }
    guard->is_write = is_write;
    guard->address = address;
    guard->reg = reg;
    guard->count = count;
    if (is_write) memcpy(guard->bytes, bytes, count);
    guard->state = WANTED;
    pthread_cond_signal(&guard->wanted);
    int error = 0;
    while (guard->state != DONE && error == 0)
        error = pthread_cond_timedwait(&guard->done, &guard->mutex, &deadline);
    int32_t result = -ETIMEDOUT;
    if (guard->state == DONE) {
        guard->state = IDLE;
        result = guard->result;
        if (result == 0 && !is_write) memcpy(bytes, guard->bytes, count);
    }
    pthread_mutex_unlock(&guard->mutex);
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
    pthread_mutexattr_t mutex;
    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_setprotocol(&mutex, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&guard->mutex, &mutex);
    pthread_condattr_t condition;
    pthread_condattr_init(&condition);
    pthread_condattr_setclock(&condition, CLOCK_MONOTONIC);
    pthread_cond_init(&guard->wanted, &condition);
    pthread_cond_init(&guard->done, &condition);
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
