#define _GNU_SOURCE
#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int32_t da_service_tell(const char *state) {
    const char *path = getenv("NOTIFY_SOCKET");
    if (!path || path[0] == '\0') return 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || length >= sizeof address.sun_path) return -EINVAL;
    memcpy(address.sun_path, path, length);
    /* An abstract name begins with a zero byte and has none at its end. */
    if (path[0] == '@') address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent =
        sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, bytes);
    int32_t result = sent < 0 ? -errno : 1;
    close(fd);
    return result;
}

uint64_t da_service_interval(void) {
    const char *time = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!time || (pid && strtoll(pid, NULL, 10) != (long long)getpid())) return 0;
    unsigned long long microseconds = strtoull(time, NULL, 10);
    /* A day and more is none: it would overflow somewhere. */
    return microseconds == 0 || microseconds > 86400000000ull ? 0 : microseconds * 1000 / 2;
}

int32_t da_service_journal(int32_t fd) {
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat there;
    if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2 || fstat(fd, &there) != 0) return 0;
    return there.st_dev == device && there.st_ino == inode;
}

int32_t da_watchdog_arm(const char *path, uint32_t seconds) {
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -errno;
    int time = (int)seconds;
    if (ioctl(fd, WDIOC_SETTIMEOUT, &time) != 0 && errno != EOPNOTSUPP && errno != ENOTTY) {
        int32_t error = -errno;
        da_watchdog_disarm(fd);
        return error;
    }
    return fd;
}

int32_t da_watchdog_feed(int32_t fd) { return write(fd, "f", 1) == 1 ? 0 : -errno; }

int32_t da_watchdog_disarm(int32_t fd) {
    int32_t result = write(fd, "V", 1) == 1 ? 0 : -errno;
    return close(fd) == 0 ? result : -errno;
}
