/* What a supervisor does to its one child, and the memory that both share. Each returns 0 (or what it names), or a
 * negative errno. */
#ifndef DRONEAGENT_SUPERVISE_H
#define DRONEAGENT_SUPERVISE_H

#include "droneagent_contract.h"

/* ---- memory that survives a process ------------------------------------------------------------ */

/* Anonymous memory of so many bytes, all zero, as a descriptor (close-on-exec) that a child can be given. */
int32_t da_memory_make(const char *_Nonnull name, uint64_t bytes);
/* Maps the first `bytes` of it for reading and writing, faulted in; NULL when that cannot be. */
void *_Nullable da_memory_map(int32_t fd, uint64_t bytes);
void da_memory_unmap(void *_Nonnull memory, uint64_t bytes);

/* The one word of it that two processes use at the same time. */
DA_NO_ALLOCATION static inline void da_beat_set(void *_Nonnull word, uint64_t value) {
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE);
}
DA_NO_ALLOCATION static inline uint64_t da_beat_get(const void *_Nonnull word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_ACQUIRE);
}

/* Tells one program file from another, as long as none is changed in place; 0: unknown. */
uint64_t da_program_identity(void);

/* ---- a child ------------------------------------------------------------------------------------ */

/* Numbers of the child's first inherited descriptor, and the most of them. */
enum { DA_INHERITED_FIRST = 3, DA_INHERITED_MAX = 4 };

/* Starts this very program anew, with `arguments` (NULL at the end), on the CPUs that the caller had at first, at
 * SCHED_FIFO `priority` (0: normal). It inherits standard input, output and error, and `fds` (of DA_INHERITED_MAX, -1:
 * none) as DA_INHERITED_FIRST and following. Returns its pid. */
int32_t da_child_start(char *_Nullable const *_Nonnull arguments, const int32_t *_Nonnull fds, int32_t priority);
/* Waits until the child has ended, but not beyond the absolute time: 1: it has, *status as of waitpid, and is reaped soon
 * by a thread of normal priority; 0: not yet, or a signal came. */
int32_t da_child_await(int32_t pid, uint64_t deadline_ns, int32_t *_Nonnull status);
int32_t da_child_signal(int32_t pid, int32_t number);
/* Exit code, or 128 + the signal that ended it, of a status. */
int32_t da_child_code(int32_t status);

/* ---- the caller itself -------------------------------------------------------------------------- */

/* SCHED_FIFO at `priority` (0: normal) on `cpu` (-1: as before), for the calling thread. */
int32_t da_thread_place(int32_t priority, int32_t cpu);
/* Takes a lock on the file that ends with the process; -EAGAIN: another process has it. Returns a descriptor. */
int32_t da_lock_take(const char *_Nonnull path);

#endif
