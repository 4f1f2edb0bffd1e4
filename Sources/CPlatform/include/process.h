/* What agent and bench do with threads and processes other than their own. Each returns 0 or a negative errno. */
#ifndef DRONEAGENT_PROCESS_H
#define DRONEAGENT_PROCESS_H

#include <stdint.h>

/* Starts `program` in a process group of its own with no signal blocked or ignored, /dev/null as its input and no other
 * descriptor than its output: `output` for both, or this process's where it is negative. */
int32_t da_process_start(const char *_Nonnull program, char *_Nullable const *_Nonnull arguments,
                         char *_Nullable const *_Nonnull variables, int32_t output, int32_t *_Nonnull pid);
/* Names the calling thread; at most 15 bytes are kept. */
void da_thread_name(const char *_Nonnull name);
/* Gives thread `tid` SCHED_FIFO at `priority` (1 to 99). */
int32_t da_process_set_fifo(int32_t tid, int32_t priority);
/* The thread's SCHED_FIFO priority; 0: it runs at normal priority. */
int32_t da_process_priority(int32_t tid);
/* Bounds the CPU time that a real-time thread of `pid` may take without sleeping; then it is killed. */
int32_t da_process_limit_realtime(int32_t pid, uint64_t microseconds);
/* Lets thread `tid` run on this CPU only. */
int32_t da_process_set_cpu(int32_t tid, int32_t cpu);
/* 1: the kernel's clock follows a time server (adjtimex(2)); 0: it does not. */
int32_t da_clock_is_synchronized(void);

#endif
