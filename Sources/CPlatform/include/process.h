/* What the agent does to the threads and processes of others. Each returns 0 or a negative errno. */
#ifndef DRONEAGENT_PROCESS_H
#define DRONEAGENT_PROCESS_H

#include <stdint.h>

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
