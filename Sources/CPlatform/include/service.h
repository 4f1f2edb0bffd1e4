/* What a service tells its manager, and the machine's own watchdog. Each returns 0 or what it names, or a negative
 * errno. */
#ifndef DRONEAGENT_SERVICE_H
#define DRONEAGENT_SERVICE_H

#include <stdint.h>

/* ---- service manager: sd_notify(3), "Notes" ----------------------------------------------------- */

/* Sends `state`, such as "READY=1", to the socket that NOTIFY_SOCKET names (a path, or @ and an abstract name); never
 * waits. 1: sent, 0: nobody is to be told. */
int32_t da_service_tell(const char *_Nonnull state);
/* ns between two "WATCHDOG=1": half of WATCHDOG_USEC. 0: the manager does not watch this process (WATCHDOG_PID). */
uint64_t da_service_interval(void);
/* 1: what is written to `fd` goes to the journal, which takes "<3>" ahead of a line for its priority (sd-daemon(3));
 * 0: it does not. JOURNAL_STREAM is inherited by whoever writes elsewhere, so it is compared (systemd.exec(5)). */
int32_t da_service_journal(int32_t fd);

/* ---- hardware watchdog: Documentation/watchdog/watchdog-api.rst of the kernel -------------------- */

/* Opens and thereby arms it: without food for so many seconds the machine is reset. A driver that cannot set its time
 * keeps its own. Returns its descriptor. */
int32_t da_watchdog_arm(const char *_Nonnull path, uint32_t seconds);
int32_t da_watchdog_feed(int32_t fd);
/* Disarms it ("magic close") and closes it. */
int32_t da_watchdog_disarm(int32_t fd);

#endif
