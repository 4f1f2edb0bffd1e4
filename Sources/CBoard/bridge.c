#include <errno.h>
#include <string.h>

#include "board.h"
#include "platform.h"

/* Longest wait for the other side, ns: beyond the kernel's own 10 ms time-out of a real transfer. */
static const uint64_t reply_limit_ns = 50 * 1000 * 1000;

/* One connection for each bus and one for the lines, each used by one thread. */
enum { BRIDGES = 4 };
struct bridge {
    int32_t fd;
    uint8_t number;
};
static struct bridge bridges[BRIDGES];
static int used;

static int32_t exchange(struct bridge *bridge, da_bridge_request *request, da_bridge_reply *reply) {
    request->bus = bridge->number;
    request->asked_ns = da_now();
    /* Late replies of a transfer that was given up must not answer the next one. */
    while (da_packet_receive(bridge->fd, reply, sizeof *reply) > 0) {
    }
    int32_t sent = da_packet_send(bridge->fd, request, sizeof *request);
    if (sent < 0) return sent == -EPIPE ? -EREMOTEIO : sent;
    int32_t got = da_packet_await(bridge->fd, reply, sizeof *reply, da_now() + reply_limit_ns);
    if (got < 0) return got;
    if (got != (int32_t)sizeof *reply) return -EREMOTEIO;
    return reply->result;
}

static int32_t bridge_read(void *context, uint8_t address, uint8_t reg, uint8_t *bytes, uint8_t count) {
    if (count == 0 || count > DA_BUS_BYTES) return -EINVAL;
    da_bridge_request request = {.kind = DA_BRIDGE_READ, .address = address, .reg = reg, .count = count};
    da_bridge_reply reply;
    int32_t result = exchange(context, &request, &reply);
    if (result == 0) memcpy(bytes, reply.bytes, count);
    return result;
}

static int32_t bridge_write(void *context, uint8_t address, uint8_t reg, const uint8_t *bytes, uint8_t count) {
    if (count == 0 || count > DA_BUS_BYTES) return -EINVAL;
    da_bridge_request request = {.kind = DA_BRIDGE_WRITE, .address = address, .reg = reg, .count = count};
    memcpy(request.bytes, bytes, count);
    da_bridge_reply reply;
    return exchange(context, &request, &reply);
}

static int32_t bridge_get(void *context, uint32_t line) {
    da_bridge_request request = {.kind = DA_BRIDGE_GET, .reg = (uint8_t)line};
    da_bridge_reply reply;
    return exchange(context, &request, &reply);
}

static int32_t bridge_set(void *context, uint32_t line, int32_t value) {
    da_bridge_request request = {.kind = DA_BRIDGE_SET, .reg = (uint8_t)line, .bytes = {value != 0}};
    da_bridge_reply reply;
    return exchange(context, &request, &reply);
}

int32_t da_bridge_set(int32_t fd, uint32_t line, int32_t value) {
    struct bridge bridge = {.fd = fd};
    return bridge_set(&bridge, line, value);
}

int32_t da_output_hold_bridge(const char *path) { return da_packet_connect(path); }

static int32_t open_bridge(const char *path, uint8_t number, struct bridge **bridge) {
    if (used == BRIDGES) return -EMFILE;
    int32_t fd = da_packet_connect(path);
    if (fd < 0) return fd;
    *bridge = &bridges[used++];
    **bridge = (struct bridge){.fd = fd, .number = number};
    return 0;
}

int32_t da_bus_open_bridge(da_bus *bus, const char *path, uint8_t number) {
    struct bridge *bridge;
    int32_t error = open_bridge(path, number, &bridge);
    if (error) return error;
    *bus = (da_bus){.context = bridge, .read = bridge_read, .write = bridge_write};
    return 0;
}

int32_t da_lines_open_bridge(da_lines *lines, const char *path) {
    struct bridge *bridge;
    int32_t error = open_bridge(path, 0, &bridge);
    if (error) return error;
    *lines = (da_lines){.context = bridge, .get = bridge_get, .set = bridge_set};
    return 0;
}

static uint64_t monotonic(void *context) {
    (void)context;
    return da_now();
}

da_clock da_clock_monotonic(void) { return (da_clock){.context = NULL, .now = monotonic}; }
