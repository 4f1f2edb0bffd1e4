/* The page as it lies in memory. */
#ifndef DRONEAGENT_MEASURE_PAGE_H
#define DRONEAGENT_MEASURE_PAGE_H

#include <stdatomic.h>

#include "include/measure.h"

struct dm_page {
    _Atomic uint32_t used;
    _Atomic uint32_t fast;   /* 1: the clock is `now`; 0: the machine's plus `ahead`                */
    _Atomic int64_t ahead;   /* ns                                                                 */
    _Atomic int64_t now;     /* ns                                                                 */
    dm_row row[DM_ROWS];     /* each written by its own thread alone                               */
};

#endif
