#define _GNU_SOURCE
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* ---- the terminal ------------------------------------------------------------------------------- */

static struct termios before;
static int is_hushed;

int32_t da_terminal_size(int32_t fd, int32_t *columns, int32_t *rows) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) return -errno;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

int32_t da_terminal_is_ours(int32_t fd) {
    pid_t group = tcgetpgrp(fd);
    /* One that does not control this process has no background. */
    return group < 0 || group == getpgrp();
}

int32_t da_terminal_await_room(int32_t fd, int32_t milliseconds) {
    struct pollfd output = {.fd = fd, .events = POLLOUT};
    int ready = poll(&output, 1, milliseconds);
    return ready < 0 ? -errno : ready;
}

int32_t da_terminal_hush(int32_t fd) {
    struct termios hushed;
    if (tcgetattr(fd, &hushed) != 0) return -errno;
    /* Hushed already, and a shell may have changed that meanwhile: what is to be restored is from before. */
    if (!is_hushed) before = hushed;
    hushed.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    if (tcsetattr(fd, TCSANOW, &hushed) != 0) return -errno;
    is_hushed = 1;
    return 0;
}

int32_t da_terminal_restore(int32_t fd) {
    if (!is_hushed) return 0;
    is_hushed = 0;
    /* Not TCSAFLUSH: that waits for output which nobody may take. */
    if (tcsetattr(fd, TCSANOW, &before) != 0) return -errno;
    return tcflush(fd, TCIFLUSH) == 0 ? 0 : -errno;
}

/* ---- signals ------------------------------------------------------------------------------------ */

static atomic_uint heard;
/* Wakes who awaits: the one call of its kind that a handler may make. */
static sem_t told;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void) { sem_init(&told, 0, 0); }

static void hear(int number) {
    int error = errno;
    atomic_fetch_or(&heard, 1u << number);
    sem_post(&told);
    errno = error;
}

/* Calls of other threads go on as if nothing had come: who awaits is woken by the semaphore. */
static int install(int32_t number) {
    struct sigaction action = {.sa_handler = hear, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, NULL);
}

int32_t da_signals_hear(const int32_t *numbers, uint32_t count) {
    pthread_once(&once, prepare);
    sigset_t set;
    sigemptyset(&set);
    for (uint32_t i = 0; i < count; i++) {
        struct sigaction former;
        if (numbers[i] < 1 || numbers[i] > 31) return -EINVAL;
        if (sigaction(numbers[i], NULL, &former) != 0) return -errno;
        if (former.sa_handler == SIG_IGN) continue;
        if (install(numbers[i]) != 0) return -errno;
        sigaddset(&set, numbers[i]);
    }
    return -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

uint32_t da_signals_await(uint64_t deadline_ns) {
    pthread_once(&once, prepare);
    struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / 1000000000ull),
                                .tv_nsec = (long)(deadline_ns % 1000000000ull)};
    uint32_t signals = atomic_exchange(&heard, 0);
    /* One that has been taken already may still be counted: look again, never longer than the deadline. */
    while (signals == 0) {
        if (sem_clockwait(&told, CLOCK_MONOTONIC, &deadline) != 0 && errno != EINTR)
            return atomic_exchange(&heard, 0);
        signals = atomic_exchange(&heard, 0);
    }
    return signals;
}

int32_t da_signals_obey(int32_t number) {
    struct sigaction plain = {.sa_handler = SIG_DFL}, former;
    sigset_t set, mask;
    sigemptyset(&plain.sa_mask);
    sigemptyset(&set);
    if (sigaddset(&set, number) != 0 || sigaction(number, &plain, &former) != 0) return -errno;
    pthread_sigmask(SIG_UNBLOCK, &set, &mask);
    raise(number);
    /* A stop, and somebody has let it go on. */
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    return sigaction(number, &former, NULL) == 0 ? 0 : -errno;
}
