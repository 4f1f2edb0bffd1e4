/* System calls that Swift's Glibc hides, or that must not allocate on the tick. Each returns 0 (or a count,
 * or a descriptor), or a negative errno. Nothing here retries or logs. */
#ifndef DRONEAGENT_PLATFORM_H
#define DRONEAGENT_PLATFORM_H

#include <pthread.h>
#include <sys/types.h>

#include "droneagent_contract.h"

/* ---- time ------------------------------------------------------------------------------------- */

/* CLOCK_MONOTONIC, ns. */
DA_NO_ALLOCATION uint64_t da_now(void);
/* Sleeps until the absolute CLOCK_MONOTONIC time; returns at once if it is past. Resumes after signals. */
DA_NO_ALLOCATION void da_sleep_until(uint64_t deadline_ns);

/* ---- threads ---------------------------------------------------------------------------------- */

typedef struct da_thread_options {
    const char *_Nonnull name; /* at most 15 bytes are kept                                       */
    int32_t priority;          /* SCHED_FIFO 1 to 99; 0: normal                                   */
    int32_t cpu;               /* -1: any                                                         */
    uint64_t stack_bytes;      /* 0: 256 KB, faulted in before entry runs                         */
} da_thread_options;

/* Starts a joinable thread. Where SCHED_FIFO is not allowed it runs at normal priority and *realtime is 0. */
int32_t da_thread_start(pthread_t *_Nonnull thread, da_thread_options options, int32_t *_Nullable realtime,
                        void (*_Nonnull entry)(void *_Nullable context), void *_Nullable context);
int32_t da_thread_join(pthread_t thread);
int32_t da_thread_id(void);
/* Number of CPUs that this process may use. */
int32_t da_cpu_count(void);

/* ---- memory ----------------------------------------------------------------------------------- */

/* Locks present and future pages as they are touched (MCL_ONFAULT), so that none is paged out; and touches all of the
   program and its libraries: what runs for the first time in a fault, the failsafe say, must not wait for a disk. */
int32_t da_memory_lock(void);
/* Page faults of the calling thread so far, minor and major. */
DA_NO_ALLOCATION uint64_t da_memory_faults(void);

/* ---- SEQPACKET sockets: each message is whole or absent ---------------------------------------- */

/* Binds and listens; a stale socket file is replaced. Mode 0660. */
int32_t da_packet_listen(const char *_Nonnull path, int32_t backlog);
/* Non-blocking, close-on-exec; -EAGAIN when nobody waits. */
int32_t da_packet_accept(int32_t listener);
int32_t da_packet_connect(const char *_Nonnull path);
/* Never waits: bytes sent, or -EAGAIN when the peer has no room, -EPIPE when it is gone. */
DA_NO_ALLOCATION int32_t da_packet_send(int32_t fd, const void *_Nonnull bytes, uint32_t count);
/* Never waits: the message's length (it may exceed `capacity`: then it was cut), 0 at the end, -EAGAIN. */
DA_NO_ALLOCATION int32_t da_packet_receive(int32_t fd, void *_Nonnull bytes, uint32_t capacity);
/* Waits until one of up to 32 descriptors is readable or closed, or the absolute time. -1 entries are passed over.
 * Returns a bit mask of the readable, 0 at the deadline, or a negative errno. */
DA_NO_ALLOCATION int64_t da_wait_readable(const int32_t *_Nonnull fds, uint32_t count, uint64_t deadline_ns);
/* Waits for one message until the absolute time: as da_packet_receive, -ETIMEDOUT at the deadline. */
DA_NO_ALLOCATION int32_t da_packet_await(int32_t fd, void *_Nonnull bytes, uint32_t capacity, uint64_t deadline_ns);
int32_t da_peer(int32_t fd, int32_t *_Nonnull pid, uint32_t *_Nonnull uid);
int32_t da_close(int32_t fd);

/* ---- files ------------------------------------------------------------------------------------ */

/* Replaces the file as a whole and durably: write, fsync, rename, fsync of the folder. */
int32_t da_file_replace(const char *_Nonnull path, const void *_Nonnull bytes, uint64_t count);
/* Reads at most `capacity` bytes; the count read. */
int64_t da_file_read(const char *_Nonnull path, void *_Nonnull bytes, uint64_t capacity);

/* DA_FILE_DEVICE (a character device), DA_FILE_SOCKET, DA_FILE_OTHER, or a negative errno; and the group that owns it. */
#define DA_FILE_OTHER 0
#define DA_FILE_DEVICE 1
#define DA_FILE_SOCKET 2
int32_t da_file_kind(const char *_Nonnull path, uint32_t *_Nonnull group);

/* ---- signals ---------------------------------------------------------------------------------- */

/* Makes SIGTERM and SIGINT set a flag, and SIGPIPE be ignored. */
void da_stop_on_signals(void);
DA_NO_ALLOCATION int32_t da_stop_requested(void);
void da_stop_request(void);

/* The message of an errno, for people. Not for the tick. */
const char *_Nonnull da_error_text(int32_t error);

#endif
