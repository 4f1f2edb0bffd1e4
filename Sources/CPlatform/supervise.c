#define _GNU_SOURCE
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "platform.h"

extern char **environ;

/* Of a thread that makes one system call. */
enum { REAPER_STACK = 64 * 1024 };

int32_t da_memory_make(const char *name, uint64_t bytes) {
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0) return -errno;
    if (ftruncate(fd, (off_t)bytes) != 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

void *da_memory_map(int32_t fd, uint64_t bytes) {
    struct stat status;
    /* A shorter file would fault with SIGBUS in flight. */
    if (fstat(fd, &status) != 0 || (uint64_t)status.st_size < bytes) return NULL;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void da_memory_unmap(void *memory, uint64_t bytes) { munmap(memory, bytes); }

uint64_t da_program_identity(void) {
    struct stat status;
    if (stat("/proc/self/exe", &status) != 0) return 0;
    const uint64_t parts[] = {(uint64_t)status.st_dev, (uint64_t)status.st_ino, (uint64_t)status.st_size,
                              (uint64_t)status.st_mtim.tv_sec, (uint64_t)status.st_mtim.tv_nsec};
    uint64_t low = da_crc32c(parts, sizeof parts);
    uint64_t high = da_crc32c(&parts[1], sizeof parts - sizeof parts[0]);
    return high << 32 | low;
}

/* The CPUs that the process had before it kept to one: its children get them. */
static cpu_set_t given_cpus;
static int has_given_cpus;

int32_t da_thread_place(int32_t priority, int32_t cpu) {
    int placed = 0;
    if (cpu >= 0) {
        if (!has_given_cpus) has_given_cpus = sched_getaffinity(0, sizeof given_cpus, &given_cpus) == 0;
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        placed = sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : -errno;
    }
    struct sched_param parameters = {.sched_priority = priority};
    if (sched_setscheduler(0, priority > 0 ? SCHED_FIFO : SCHED_OTHER, &parameters) != 0) return -errno;
    return placed;
}

int32_t da_lock_take(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    int error = errno;
    close(fd);
    return -error;
}

/* Descriptors of the caller's that lie where the child's shall be would be written over: copies above them are made. */
static int lift(const int32_t *fds, int *copies) {
    for (int i = 0; i < DA_INHERITED_MAX; i++) {
        copies[i] = fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD_CLOEXEC, DA_INHERITED_FIRST + DA_INHERITED_MAX);
        if (fds[i] >= 0 && copies[i] < 0) return -errno;
    }
    return 0;
}

int32_t da_child_start(char *const *arguments, const int32_t *fds, int32_t priority) {
    int copies[DA_INHERITED_MAX] = {-1, -1, -1, -1};
    int error = lift(fds, copies);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = 0; i < DA_INHERITED_MAX; i++)
        if (copies[i] >= 0) posix_spawn_file_actions_adddup2(&actions, copies[i], DA_INHERITED_FIRST + i);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    struct sched_param parameters = {.sched_priority = priority};
    posix_spawnattr_setschedpolicy(&attributes, priority > 0 ? SCHED_FIFO : SCHED_OTHER);
    posix_spawnattr_setschedparam(&attributes, &parameters);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSCHEDULER);
    /* Affinity is inherited. */
    cpu_set_t own;
    int pinned = has_given_cpus && sched_getaffinity(0, sizeof own, &own) == 0;
    if (pinned) sched_setaffinity(0, sizeof given_cpus, &given_cpus);
    pid_t pid = -1;
    if (error == 0) error = -posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, arguments, environ);
    if (pinned) sched_setaffinity(0, sizeof own, &own);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < DA_INHERITED_MAX; i++)
        if (copies[i] >= 0) close(copies[i]);
    return error ? error : pid;
}

static void *reap(void *pid) {
    waitpid((pid_t)(intptr_t)pid, NULL, 0);
    return NULL;
}

/* To reap is to clear the child's folder in /proc out of the kernel's cache of names, and for a name that another thread
 * is about to drop the kernel waits in a loop. At real-time priority that loop never lets the other thread run: a
 * supervisor was seen in it for ten minutes, with every core of the machine behind it. So a thread of normal priority
 * does it. If there is none, a dead child takes up a number until this process ends. */
static void reap_later(pid_t pid) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    struct sched_param normal = {.sched_priority = 0};
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, SCHED_OTHER);
    pthread_attr_setschedparam(&attributes, &normal);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, REAPER_STACK);
    if (has_given_cpus) pthread_attr_setaffinity_np(&attributes, sizeof given_cpus, &given_cpus);
    pthread_t thread;
    pthread_create(&thread, &attributes, reap, (void *)(intptr_t)pid);
    pthread_attr_destroy(&attributes);
}

/* 1: it has ended, with *status as waitpid would give it; it is still to be reaped. */
static int32_t has_ended(pid_t pid, int32_t *status) {
    siginfo_t end = {.si_pid = 0};
    if (waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG | WNOWAIT) < 0) return -errno;
    if (end.si_pid != pid) return 0;
    *status = end.si_code == CLD_EXITED ? W_EXITCODE(end.si_status, 0) : W_EXITCODE(0, end.si_status);
    return 1;
}

int32_t da_child_await(int32_t pid, uint64_t deadline_ns, int32_t *status) {
    int32_t ended = has_ended(pid, status);
    if (ended == 0) {
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (fd < 0) return -errno;
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        uint64_t now = da_now();
        uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
        struct timespec limit = {.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
        ppoll(&polled, 1, &limit, NULL);
        close(fd);
        ended = has_ended(pid, status);
    }
    if (ended == 1) reap_later(pid);
    return ended;
}

int32_t da_child_signal(int32_t pid, int32_t number) { return kill(pid, number) == 0 ? 0 : -errno; }

int32_t da_child_code(int32_t status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}
