#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform.h"

static int32_t write_all(int fd, const char *bytes, uint64_t count) {
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return written < 0 ? -errno : -EIO;
        bytes += written;
        count -= (uint64_t)written;
    }
    return 0;
}

static int32_t sync_folder_of(const char *path) {
    char copy[PATH_MAX];
    if (strlen(path) >= sizeof copy) return -ENAMETOOLONG;
    strcpy(copy, path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -errno;
    int32_t result = fsync(fd) == 0 ? 0 : -errno;
    close(fd);
    return result;
}

int32_t da_file_replace(const char *path, const void *bytes, uint64_t count) {
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof temporary) return -ENAMETOOLONG;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return -errno;
    int32_t result = write_all(fd, bytes, count);
    if (result == 0 && fsync(fd) != 0) result = -errno;
    close(fd);
    if (result == 0 && rename(temporary, path) != 0) result = -errno;
    if (result == 0) result = sync_folder_of(path);
    if (result != 0) unlink(temporary);
    return result;
}

int64_t da_file_read(const char *path, void *bytes, uint64_t capacity) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    uint64_t total = 0;
    while (total < capacity) {
        ssize_t got = read(fd, (char *)bytes + total, capacity - total);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            int error = errno;
            close(fd);
            return -error;
        }
        if (got == 0) break;
        total += (uint64_t)got;
    }
    close(fd);
    return (int64_t)total;
}

int32_t da_file_kind(const char *path, uint32_t *group) {
    struct stat status;
    if (stat(path, &status)) return -errno;
    *group = status.st_gid;
    return S_ISCHR(status.st_mode) ? DA_FILE_DEVICE : S_ISSOCK(status.st_mode) ? DA_FILE_SOCKET : DA_FILE_OTHER;
}

static atomic_int stop_flag;

static void on_signal(int number) {
    (void)number;
    atomic_store(&stop_flag, 1);
}

void da_stop_on_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    /* A parent may have left them blocked; a process that cannot be told to stop gets killed. */
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_UNBLOCK, &stop, NULL);
}

int32_t da_stop_requested(void) { return atomic_load(&stop_flag); }

void da_stop_request(void) { atomic_store(&stop_flag, 1); }

const char *da_error_text(int32_t error) { return strerror(error < 0 ? -error : error); }
