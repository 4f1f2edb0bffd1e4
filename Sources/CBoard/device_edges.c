#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>

#include "board.h"
#include "gpio_chip.h"

/* The receiver's line. The kernel stamps each edge in its interrupt and keeps it until it is read, so that a tick which
 * reads late still has the true times. One line a process, in static places, for reading must not allocate. */

static int set_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

/* Only version 1 has bulks of lines, and the macro that limits them. */
#ifndef GPIOD_LINE_BULK_MAX_LINES
/* libgpiod 2.x */

/* Edges that the kernel keeps: seven frames of eight channels. When it is full the oldest go. */
enum { KERNEL_EDGES = 64 };

static struct gpiod_line_request *request;
static struct gpiod_edge_event_buffer *events;

static int32_t device_take(void *context, uint64_t *times_ns, uint32_t room) {
    (void)context;
    if (room < DA_EDGES_ROOM || room > DA_EDGES) return -EINVAL;
    int count = gpiod_line_request_read_edge_events(request, events, room);
    if (count < 0) return errno == EAGAIN ? 0 : -errno;
    for (int index = 0; index < count; index++) {
        struct gpiod_edge_event *event = gpiod_edge_event_buffer_get_event(events, (unsigned long)index);
        times_ns[index] = gpiod_edge_event_get_timestamp_ns(event);
    }
    return count;
}

static int32_t request_edges(struct gpiod_chip *chip, const da_board_receiver *receiver, const char *consumer) {
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    struct gpiod_line_config *config = gpiod_line_config_new();
    struct gpiod_request_config *options = gpiod_request_config_new();
    events = gpiod_edge_event_buffer_new(DA_EDGES);
    int32_t result = -ENOMEM;
    if (settings && config && options && events) {
        unsigned offset = (unsigned)receiver->offset;
        gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
        gpiod_line_settings_set_edge_detection(
            settings, receiver->falling ? GPIOD_LINE_EDGE_FALLING : GPIOD_LINE_EDGE_RISING);
        gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC);
        gpiod_request_config_set_consumer(options, consumer);
        gpiod_request_config_set_event_buffer_size(options, KERNEL_EDGES);
        gpiod_line_config_add_line_settings(config, &offset, 1, settings);
        request = gpiod_chip_request_lines(chip, options, config);
        result = request ? set_nonblocking(gpiod_line_request_get_fd(request)) : -errno;
    }
    gpiod_request_config_free(options);
    gpiod_line_config_free(config);
    gpiod_line_settings_free(settings);
    gpiod_chip_close(chip);
    return result;
}

#else
/* libgpiod 1.6. Its kernel interface keeps 16 edges, 1.8 frames of eight channels, and stamps them by CLOCK_MONOTONIC
 * since Linux 5.7; those of an older one are refused by the core as of another clock. */

static int line_fd = -1;

static int32_t device_take(void *context, uint64_t *times_ns, uint32_t room) {
    (void)context;
    if (room < DA_EDGES_ROOM || room > DA_EDGES) return -EINVAL;
    struct gpiod_line_event events[DA_EDGES];
    int count = gpiod_line_event_read_fd_multiple(line_fd, events, room);
    if (count < 0) return errno == EAGAIN ? 0 : -errno;
    for (int index = 0; index < count; index++)
        times_ns[index] = (uint64_t)events[index].ts.tv_sec * 1000000000u + (uint64_t)events[index].ts.tv_nsec;
    return count;
}

static int32_t request_edges(struct gpiod_chip *chip, const da_board_receiver *receiver, const char *consumer) {
    struct gpiod_line *line = gpiod_chip_get_line(chip, (unsigned)receiver->offset);
    int failed = !line;
    if (line)
        failed = receiver->falling ? gpiod_line_request_falling_edge_events(line, consumer)
                                   : gpiod_line_request_rising_edge_events(line, consumer);
    if (!failed) line_fd = gpiod_line_event_get_fd(line);
    int32_t result = failed || line_fd < 0 ? -errno : set_nonblocking(line_fd);
    /* The line lives in its chip, which stays open with it. */
    if (result) gpiod_chip_close(chip);
    return result;
}
#endif

int32_t da_edges_open_device(da_edges *edges, const char *label, const da_board_receiver *receiver,
                             const char *consumer) {
    errno = 0;
    struct gpiod_chip *chip = da_gpio_chip(label);
    if (!chip) return errno == EACCES ? -EACCES : -ENODEV;
    int32_t error = request_edges(chip, receiver, consumer);
    if (error) return error;
    *edges = (da_edges){.context = NULL, .take = device_take};
    return 0;
}
