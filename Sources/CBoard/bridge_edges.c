#include <errno.h>
#include <string.h>

#include "board.h"
#include "platform.h"

/* The receiver's edges behind a socket. Each call takes the answer to the one before and asks anew, so that the tick
 * waits for nothing; an edge is seen a tick later, with its true time. */

static struct {
    int32_t fd;
    int32_t is_asked;
} connection = {.fd = -1};

/* Edges of the reply that was asked for: a count, or a negative errno. 0 when it has not come yet. */
static int32_t take_reply(uint64_t *times_ns) {
    da_bridge_reply reply;
    int32_t got = da_packet_receive(connection.fd, &reply, sizeof reply);
    if (got == -EAGAIN) return 0;
    if (got < 0) return got;
    if (got != (int32_t)sizeof reply) return -EREMOTEIO;
    connection.is_asked = 0;
    if (reply.result < 0) return reply.result;
    int32_t count = reply.result < DA_EDGES_ROOM ? reply.result : DA_EDGES_ROOM;
    memcpy(times_ns, reply.bytes, (size_t)count * sizeof *times_ns);
    return count;
}

static int32_t bridge_take(void *context, uint64_t *times_ns, uint32_t room) {
    (void)context;
    if (room < DA_EDGES_ROOM || room > DA_EDGES) return -EINVAL;
    int32_t count = connection.is_asked ? take_reply(times_ns) : 0;
    if (connection.is_asked) return count;
    da_bridge_request request = {.kind = DA_BRIDGE_EDGES, .count = DA_EDGES_ROOM};
    int32_t sent = da_packet_send(connection.fd, &request, sizeof request);
    if (sent < 0 && sent != -EAGAIN) return sent == -EPIPE ? -EREMOTEIO : sent;
    connection.is_asked = sent >= 0;
    return count;
}

int32_t da_edges_open_bridge(da_edges *edges, const char *path) {
    if (connection.fd >= 0) return -EMFILE;
    int32_t fd = da_packet_connect(path);
    if (fd < 0) return fd;
    connection.fd = fd;
    *edges = (da_edges){.context = NULL, .take = bridge_take};
    return 0;
}
