#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/timex.h>

int32_t da_process_set_fifo(int32_t tid, int32_t priority) {
    struct sched_param parameters = {.sched_priority = priority};
    /* What the thread starts is not real-time: a controller must not multiply what it was given. */
    return sched_setscheduler(tid, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) == 0 ? 0 : -errno;
}

int32_t da_process_priority(int32_t tid) {
    int policy = sched_getscheduler(tid);
    if (policy < 0) return -errno;
    if ((policy & ~SCHED_RESET_ON_FORK) != SCHED_FIFO) return 0;
    struct sched_param parameters;
    return sched_getparam(tid, &parameters) == 0 ? parameters.sched_priority : -errno;
}

int32_t da_process_limit_realtime(int32_t pid, uint64_t microseconds) {
    struct rlimit limit = {.rlim_cur = microseconds, .rlim_max = microseconds};
    return prlimit(pid, RLIMIT_RTTIME, &limit, NULL) == 0 ? 0 : -errno;
}

int32_t da_process_set_cpu(int32_t tid, int32_t cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(tid, sizeof set, &set) == 0 ? 0 : -errno;
}

int32_t da_clock_is_synchronized(void) {
    struct timex clock = {.modes = 0};
    int state = adjtimex(&clock);
    return state >= 0 && state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
}
