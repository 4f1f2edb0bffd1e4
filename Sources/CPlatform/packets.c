#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "platform.h"

enum { WAIT_LIMIT = 32 };

static int32_t address_of(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

static int32_t socket_new(void) {
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd < 0 ? -errno : fd;
}

static int32_t close_with(int fd, int error) {
    close(fd);
    return -error;
}

int32_t da_packet_listen(const char *path, int32_t backlog) {
    /* Under another name until it listens: who sees the socket can connect, and its mode is right. */
    char new_path[sizeof(struct sockaddr_un)];
    int length = snprintf(new_path, sizeof new_path, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof new_path) return -ENAMETOOLONG;
    struct sockaddr_un address;
    int32_t error = address_of(new_path, &address);
    if (error) return error;
    struct stat status;
    if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode)) return -EADDRINUSE;
    int32_t fd = socket_new();
    if (fd < 0) return fd;
    unlink(new_path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) return close_with(fd, errno);
    chmod(new_path, 0660);
    if (listen(fd, backlog) != 0 || rename(new_path, path) != 0) {
        int reason = errno;
        unlink(new_path);
        return close_with(fd, reason);
    }
    return fd;
}

int32_t da_packet_accept(int32_t listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int32_t da_packet_connect(const char *path) {
    struct sockaddr_un address;
    int32_t error = address_of(path, &address);
    if (error) return error;
    int32_t fd = socket_new();
    if (fd < 0) return fd;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return close_with(fd, errno);
    return fd;
}

int32_t da_packet_send(int32_t fd, const void *bytes, uint32_t count) {
    ssize_t sent = send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? -errno : (int32_t)sent;
}

int32_t da_packet_receive(int32_t fd, void *bytes, uint32_t capacity) {
    ssize_t got = recv(fd, bytes, capacity, MSG_DONTWAIT | MSG_TRUNC);
    return got < 0 ? -errno : (int32_t)got;
}

int64_t da_wait_readable(const int32_t *fds, uint32_t count, uint64_t deadline_ns) {
    struct pollfd polled[WAIT_LIMIT];
    if (count > WAIT_LIMIT) return -EINVAL;
    for (uint32_t i = 0; i < count; i++) polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    uint64_t now = da_now();
    uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
    struct timespec limit = {.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
    int ready = ppoll(polled, count, &limit, NULL);
    if (ready < 0) return errno == EINTR ? 0 : -errno;
    int64_t mask = 0;
    for (uint32_t i = 0; i < count; i++)
        if (polled[i].fd >= 0 && polled[i].revents) mask |= (int64_t)1 << i;
    return mask;
}

int32_t da_packet_await(int32_t fd, void *bytes, uint32_t capacity, uint64_t deadline_ns) {
    /* Bound: each round either returns or has been woken before an absolute deadline. */
    for (;;) {
        int32_t got = da_packet_receive(fd, bytes, capacity);
        if (got != -EAGAIN) return got;
        int64_t ready = da_wait_readable(&fd, 1, deadline_ns);
        if (ready < 0) return (int32_t)ready;
        if (ready == 0 && da_now() >= deadline_ns) return -ETIMEDOUT;
    }
}

int32_t da_peer(int32_t fd, int32_t *pid, uint32_t *uid) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -errno;
    *pid = peer.pid;
    *uid = peer.uid;
    return 0;
}

int32_t da_close(int32_t fd) { return close(fd) == 0 ? 0 : -errno; }
