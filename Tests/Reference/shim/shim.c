/* Interposed by LD_PRELOAD into the shipped core, a controller and the simulated world, none of which know of it:
 *
 * - counts each thread's allocations and page faults into a page that the bench reads (CMeasure);
 * - lets their CLOCK_MONOTONIC run as fast as they do when the bench says so. The control tick sleeps to its deadline
 *   and a simulated transfer to its end; these two sleeps then return at once and move the clock. Everything else is as
 *   it is: same threads, same sockets, same code.
 *
 * Built by Board/lib/measure.sh. Needs glibc: its __libc_ allocator is what lies below.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "page.h"

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

/* Longest wait for the other side while the clock stands still, s: a machine that stalls is no silent peer. */
static const time_t fast_wait_s = 1;
/* While the clock stands still one sleep in so many is a real one, of so many ns: the real-time threads would else never
 * let go of the CPU, and the kernel ends a controller that does not sleep for 200 ms (RLIMIT_RTTIME). */
enum { REST_EVERY = 64, REST_NS = 100000 };
/* Readings of the clock between two looks at faults and name. */
enum { LOOK_EVERY = 64 };

static dm_page *page;
/* Counts of a thread before it has a row, and for threads beyond the last one. */
static __thread __attribute__((tls_model("initial-exec"))) dm_row *mine;
static __thread __attribute__((tls_model("initial-exec"))) uint32_t readings;
static __thread __attribute__((tls_model("initial-exec"))) uint32_t sleeps;
static __thread __attribute__((tls_model("initial-exec"))) int moves_clock;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv(DM_ENVIRONMENT);
    if (path) page = dm_map(path);
}

static dm_row *row(void) {
    if (mine || !page) return mine;
    uint32_t number = atomic_fetch_add(&page->used, 1);
    if (number >= DM_ROWS) return NULL;
    mine = &page->row[number];
    mine->pid = getpid();
    mine->tid = (int32_t)syscall(SYS_gettid);
    return mine;
}

static void look(void) {
    dm_row *counts = row();
    if (!counts) return;
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    counts->faults = (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
    counts->looks++;
    prctl(PR_GET_NAME, counts->name);
    moves_clock = strcmp(counts->name, "flight-tick") == 0 || strcmp(counts->name, "sim-chips") == 0;
}

/* ---- allocations ------------------------------------------------------------------------------ */

static void count_allocation(void) {
    dm_row *counts = row();
    if (counts) counts->allocations++;
}

void *malloc(size_t size) {
    count_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_allocation();
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    count_allocation();
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    count_allocation();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    *result = memalign(alignment, size);
    return *result ? 0 : ENOMEM;
}

void free(void *old) {
    dm_row *counts = old ? row() : NULL;
    if (counts) counts->frees++;
    __libc_free(old);
}

/* ---- the clock -------------------------------------------------------------------------------- */

static int64_t nanoseconds(const struct timespec *time) { return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec; }

static struct timespec time_of(int64_t ns) {
    return (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
}

/* The machine's clock, past this library's own name for it. */
static int machine_time(clockid_t clock, struct timespec *time) {
    long result = syscall(SYS_clock_gettime, clock, time);
    return result < 0 ? -1 : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = machine_time(clock, time);
    if (clock != CLOCK_MONOTONIC || !page || result != 0) return result;
    if (readings++ % LOOK_EVERY == 0) look();
    *time = time_of(atomic_load(&page->fast) ? atomic_load(&page->now) : nanoseconds(time) + atomic_load(&page->ahead));
    return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left) {
    if (clock != CLOCK_MONOTONIC || flags != TIMER_ABSTIME || !page)
        return (int)-syscall(SYS_clock_nanosleep, clock, flags, until, left) > 0 ? errno : 0;
    look();
    int64_t deadline = nanoseconds(until);
    int64_t now;
    if (atomic_load(&page->fast)) {
        now = atomic_load(&page->now);
        if (moves_clock) {
            while (now < deadline && !atomic_compare_exchange_weak(&page->now, &now, deadline)) {
            }
            if (++sleeps % REST_EVERY != 0) return 0;
            struct timespec rest = time_of(REST_NS);
            syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &rest, NULL);
            return 0;
        }
    } else {
        struct timespec machine;
        machine_time(CLOCK_MONOTONIC, &machine);
        now = nanoseconds(&machine) + atomic_load(&page->ahead);
    }
    if (deadline <= now) return 0;
    struct timespec span = time_of(deadline - now);
    return syscall(SYS_clock_nanosleep, clock, 0, &span, NULL) < 0 ? errno : 0;
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *limit, const sigset_t *mask) {
    struct timespec time = limit ? *limit : (struct timespec){0};
    if (page && limit && atomic_load(&page->fast) && moves_clock && time.tv_sec < fast_wait_s)
        time = (struct timespec){.tv_sec = fast_wait_s};
    return (int)syscall(SYS_ppoll, fds, count, limit ? &time : NULL, mask, sizeof(uint64_t));
}
