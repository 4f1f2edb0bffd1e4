/* What the bench and a program under its interposed library (Tests/Reference/shim) share: a page of counters, a row a
 * thread, and a clock that can run as fast as the program does. */
#ifndef DRONEAGENT_MEASURE_H
#define DRONEAGENT_MEASURE_H

#include <stdint.h>

/* Names the file of the page to the interposed library. */
#define DM_ENVIRONMENT "DRONEAGENT_MEASURE_PAGE"

enum { DM_ROWS = 128, DM_NAME_BYTES = 16 };

/* One thread, as of its last look (a sleep, or each 64th reading of the clock). Counts from the thread's start. */
typedef struct dm_row {
    int32_t pid;
    int32_t tid;
    char name[DM_NAME_BYTES];
    uint64_t allocations; /* malloc, calloc, realloc, aligned_alloc, memalign, posix_memalign       */
    uint64_t frees;
    uint64_t faults;      /* page faults, minor and major, of getrusage(RUSAGE_THREAD)              */
    uint64_t looks;
} dm_row;

typedef struct dm_page dm_page;

/* Maps the page's file, making it if it is not there. NULL on failure. */
dm_page *dm_map(const char *path);
void dm_unmap(dm_page *page);
/* Rows in use, at most DM_ROWS. */
uint32_t dm_rows(const dm_page *page);
dm_row dm_read(const dm_page *page, uint32_t row);

/* From here on CLOCK_MONOTONIC of the programs stands still but for the sleeps of `flight-tick` and `sim-chips`,
 * which end at once and take it with them. */
void dm_run_fast(dm_page *page);
/* From here on it goes on at the real pace, ahead of the machine's. */
void dm_run_real(dm_page *page);

#endif
