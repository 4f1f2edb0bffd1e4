/* The one narrow seam between flight code and hardware: a register bus, four lines, a receiver's edges and a clock.
 *
 * Each is a context pointer and C function pointers, so that Swift calls it on the tick without a
 * witness table and without allocation. Constructors: the kernel's devices (device_*.c), a bus behind a
 * socket (bridge.c, the bench), and whatever a test puts in.
 */
#ifndef DRONEAGENT_BOARD_H
#define DRONEAGENT_BOARD_H

#include "droneagent_contract.h"

/* Longest transfer; SMBus limits a block to 32 bytes. */
enum { DA_BUS_BYTES = 32 };

/* Reads or writes `count` bytes (1 to DA_BUS_BYTES) from register `reg` on, as one I2C transfer.
 * Returns 0, or a negative errno: -ENXIO or -EREMOTEIO for a NACK, -ETIMEDOUT, -EBUSY. */
typedef struct da_bus {
    void *_Nullable context;
    int32_t (*_Nonnull read)(void *_Nullable context, uint8_t address, uint8_t reg, uint8_t *_Nonnull bytes,
                             uint8_t count);
    int32_t (*_Nonnull write)(void *_Nullable context, uint8_t address, uint8_t reg,
                              const uint8_t *_Nonnull bytes, uint8_t count);
} da_bus;

/* get returns 0, 1 or a negative errno; set returns 0 or a negative errno. `line` is enum da_line;
 * values are logical (active-low is dealt with below the seam). */
typedef struct da_lines {
    void *_Nullable context;
    int32_t (*_Nonnull get)(void *_Nullable context, uint32_t line);
    int32_t (*_Nonnull set)(void *_Nullable context, uint32_t line, int32_t value);
} da_lines;

/* Most edges that one take gives, and the least room that it wants: what a bridge's reply holds. */
enum { DA_EDGES = 16, DA_EDGES_ROOM = 4 };

/* The edges of the receiver's line. take gives the time stamps, CLOCK_MONOTONIC ns, of those that came since the last
 * call, the oldest first, and removes them: a count up to `room` (DA_EDGES_ROOM to DA_EDGES), or a negative errno. It
 * never waits. */
typedef struct da_edges {
    void *_Nullable context;
    int32_t (*_Nonnull take)(void *_Nullable context, uint64_t *_Nonnull times_ns, uint32_t room);
} da_edges;

/* CLOCK_MONOTONIC in nanoseconds, or the simulated world's time. */
typedef struct da_clock {
    void *_Nullable context;
    uint64_t (*_Nonnull now)(void *_Nullable context);
} da_clock;

DA_NO_ALLOCATION static inline int32_t da_bus_read(const da_bus *_Nonnull bus, uint8_t address, uint8_t reg,
                                                   uint8_t *_Nonnull bytes, uint8_t count) {
    return bus->read(bus->context, address, reg, bytes, count);
}
DA_NO_ALLOCATION static inline int32_t da_bus_write(const da_bus *_Nonnull bus, uint8_t address, uint8_t reg,
                                                    const uint8_t *_Nonnull bytes, uint8_t count) {
    return bus->write(bus->context, address, reg, bytes, count);
}
DA_NO_ALLOCATION static inline int32_t da_lines_get(const da_lines *_Nonnull lines, uint32_t line) {
    return lines->get(lines->context, line);
}
DA_NO_ALLOCATION static inline int32_t da_lines_set(const da_lines *_Nonnull lines, uint32_t line,
                                                    int32_t value) {
    return lines->set(lines->context, line, value);
}
DA_NO_ALLOCATION static inline int32_t da_edges_take(const da_edges *_Nonnull edges, uint64_t *_Nonnull times_ns,
                                                     uint32_t room) {
    return edges->take(edges->context, times_ns, room);
}
DA_NO_ALLOCATION static inline uint64_t da_clock_now(const da_clock *_Nonnull clock) {
    return clock->now(clock->context);
}

/* ---- the kernel's devices ------------------------------------------------------------------- */

/* Opens /dev/i2c-N for libi2c's SMBus calls with the adapter's least time-out (10 ms) and no retries.
 * Returns 0 or a negative errno. */
int32_t da_bus_open_device(da_bus *_Nonnull bus, const char *_Nonnull path);

/* Requests the board's lines from the GPIO chip with this label (libgpiod 1.6 or 2.x). Returns 0 or a
 * negative errno; -ENODEV when no chip has the label. Output-enable and LED start at 0. */
int32_t da_lines_open_device(da_lines *_Nonnull lines, const char *_Nonnull label,
                             const da_board_line *_Nonnull table, const char *_Nonnull consumer);

/* Requests the receiver's line from the GPIO chip with this label, for one kind of edge. Returns 0 or a negative errno;
 * -ENODEV when no chip has the label. */
int32_t da_edges_open_device(da_edges *_Nonnull edges, const char *_Nonnull label,
                             const da_board_receiver *_Nonnull receiver, const char *_Nonnull consumer);

/* The library that was compiled in: "libgpiod 1.6.3". */
const char *_Nonnull da_lines_library(void);

/* ---- a bus and lines behind a SEQPACKET socket (the bench's chips) ---------------------------- */

enum da_bridge_kind {
    DA_BRIDGE_READ = 1,
    DA_BRIDGE_WRITE = 2,
    DA_BRIDGE_GET = 3, /* reg is the line                                                         */
    DA_BRIDGE_SET = 4, /* reg is the line, bytes[0] its value                                     */
    DA_BRIDGE_EDGES = 5 /* at most count time stamps; the reply's result says how many, its bytes
                           are u64 each                                                           */
};

typedef struct da_bridge_request {
    uint8_t kind;
    uint8_t address;
    uint8_t reg;
    uint8_t count;
    uint8_t bus; /* 0: sensors, 1: motors, when the board has two buses                           */
    uint8_t reserved[3];
    /* CLOCK_MONOTONIC at which the master asked; 0: now. A transfer begins then, however late the bench's own thread
       comes to it: a bus runs on while a CPU is taken away.                                                       */
    uint64_t asked_ns;
    uint8_t bytes[DA_BUS_BYTES];
} da_bridge_request;
DA_ASSERT_SIZE(da_bridge_request, 48);

typedef struct da_bridge_reply {
    int32_t result; /* 0, the line's value, a count of edges, or a negative errno                 */
    uint8_t bytes[DA_BUS_BYTES];
} da_bridge_reply;
DA_ASSERT_SIZE(da_bridge_reply, 36);

/* Connects to the socket; the connection speaks for one bus, for the lines, or for the receiver. */
int32_t da_bus_open_bridge(da_bus *_Nonnull bus, const char *_Nonnull path, uint8_t number);
int32_t da_lines_open_bridge(da_lines *_Nonnull lines, const char *_Nonnull path);
/* The receiver's edges over a connection of their own. One a process. */
int32_t da_edges_open_bridge(da_edges *_Nonnull edges, const char *_Nonnull path);

/* ---- output-enable, held by another process than the one that drives it ------------------------- */

/* A line whose process has died becomes an input on most kernels, and the motors stop: so a supervisor holds this one
 * and its child inherits the descriptor. It starts at 0, and is 0 again when the last descriptor is closed.
 * Returns a descriptor or a negative errno. */
int32_t da_output_hold_device(const char *_Nonnull label, const da_board_line *_Nonnull line,
                              const char *_Nonnull consumer);
int32_t da_output_hold_bridge(const char *_Nonnull path);
/* From now on output-enable of `lines` is driven through the descriptor. One pair of lines a process. */
void da_lines_adopt_output(da_lines *_Nonnull lines, int32_t fd, int32_t is_bridge);
/* Sets a line over a connection to a bridge. */
int32_t da_bridge_set(int32_t fd, uint32_t line, int32_t value);

/* ---- a guard: a transfer that hangs does not take its caller with it -------------------------- */

/* Wraps `inner`: transfers run on a thread of their own; a caller waits until the guard's deadline and
 * then gets -ETIMEDOUT, and -EBUSY, after half a millisecond, for as long as the transfer still hangs. Behind the
 * deadline no transfer begins (-ECANCELED). `cpu`: -1: any. */
int32_t da_bus_guard(da_bus *_Nonnull guarded, const da_bus *_Nonnull inner, int32_t priority, int32_t cpu);

/* Absolute CLOCK_MONOTONIC time until which the next transfers may be waited for. */
DA_NO_ALLOCATION void da_bus_guard_deadline(const da_bus *_Nonnull guarded, uint64_t deadline_ns);

/* CLOCK_MONOTONIC. */
da_clock da_clock_monotonic(void);

#endif
