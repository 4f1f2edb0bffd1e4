#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "platform.h"

/* Reason: the tick's frames need some KB; 256 KB is a tenth of the default and stays cheap when locked. */
static const uint64_t default_stack_bytes = 256 * 1024;
/* Left untouched at the stack's end for the guard page and the entry's own frames. */
static const uint64_t stack_reserve_bytes = 32 * 1024;

struct start {
    void (*entry)(void *context);
    void *context;
    char name[16];
    uint64_t touch_bytes;
};

static void touch_stack(uint64_t bytes) {
    volatile unsigned char pages[bytes];
    for (uint64_t i = 0; i < bytes; i += 4096) pages[i] = 0;
}

static void *run(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    pthread_setname_np(pthread_self(), start.name);
    touch_stack(start.touch_bytes);
    start.entry(start.context);
    return NULL;
}

int32_t da_thread_start(pthread_t *thread, da_thread_options options, int32_t *realtime,
                        void (*entry)(void *context), void *context) {
    uint64_t stack = options.stack_bytes ? options.stack_bytes : default_stack_bytes;
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error) return -error;
    pthread_attr_setstacksize(&attributes, stack);
    /* Explicit for a normal one too: its creator may be of high priority for a while. */
    struct sched_param parameter = {.sched_priority = options.priority > 0 ? options.priority : 0};
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, options.priority > 0 ? SCHED_FIFO : SCHED_OTHER);
    pthread_attr_setschedparam(&attributes, &parameter);
    if (options.cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(options.cpu, &set);
        pthread_attr_setaffinity_np(&attributes, sizeof set, &set);
    }
    struct start *start = malloc(sizeof *start);
    if (!start) {
        pthread_attr_destroy(&attributes);
        return -ENOMEM;
    }
    memset(start, 0, sizeof *start);
    start->entry = entry;
    start->context = context;
    start->touch_bytes = stack > 2 * stack_reserve_bytes ? stack - stack_reserve_bytes : 0;
    strncpy(start->name, options.name, sizeof start->name - 1);
    if (realtime) *realtime = options.priority > 0;
    error = pthread_create(thread, &attributes, run, start);
    if (error == EPERM && options.priority > 0) {
        if (realtime) *realtime = 0;
        pthread_attr_setinheritsched(&attributes, PTHREAD_INHERIT_SCHED);
        error = pthread_create(thread, &attributes, run, start);
    }
    if (error) free(start);
    pthread_attr_destroy(&attributes);
    return -error;
}

int32_t da_thread_join(pthread_t thread) { return -pthread_join(thread, NULL); }

int32_t da_thread_id(void) { return (int32_t)syscall(SYS_gettid); }

int32_t da_cpu_count(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

uint64_t da_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void da_sleep_until(uint64_t deadline_ns) {
    struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / 1000000000u),
                                .tv_nsec = (long)(deadline_ns % 1000000000u)};
    /* Bound: a signal can interrupt, never prolong; the deadline is absolute. */
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR) {
    }
}

/* Touches each page of what the linker has loaded of one program or library. */
static int touch_pages(struct dl_phdr_info *object, size_t size, void *sum) {
    (void)size;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    /* Bound: an object has some ten segments, of some megabytes. */
    for (uint16_t index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_R)) continue;
        uintptr_t begin = (uintptr_t)object->dlpi_addr + segment->p_vaddr;
        for (uintptr_t at = begin; at < begin + segment->p_memsz; at = (at & ~(page - 1)) + page) {
            *(uint8_t *)sum ^= *(const volatile uint8_t *)at;
        }
    }
    return 0;
}

int32_t da_memory_lock(void) {
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) return -errno;
    uint8_t sum = 0;
    dl_iterate_phdr(touch_pages, &sum);
    return 0;
}

uint64_t da_memory_faults(void) {
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
}
