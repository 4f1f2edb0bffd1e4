#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timex.h>

int32_t da_process_start(const char *program, char *const *arguments, char *const *variables, int32_t output,
                         int32_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    for (int stream = 1; output >= 0 && stream <= 2; stream++)
        posix_spawn_file_actions_adddup2(&actions, output, stream);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    /* A thread of libdispatch's blocks signals, and a child begins with its parent thread's mask: it would not hear
     * SIGTERM. */
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int error = posix_spawn(pid, program, &actions, &attributes, arguments, variables);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

void da_thread_name(const char *name) {
    char kept[16] = {0};
    strncpy(kept, name, sizeof kept - 1);
    pthread_setname_np(pthread_self(), kept);
}

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
