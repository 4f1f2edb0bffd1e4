#include "uhid.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/uhid.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform.h"

/* The kernel takes an event that is shorter than the structure, whose end it takes as zero: what is written is as long
 * as the fields that are used. */
static int32_t tell(int32_t fd, const struct uhid_event *event) {
    ssize_t written = write(fd, event, sizeof *event);
    return written < 0 ? -errno : 0;
}

int32_t da_uhid_open(const char *name, uint16_t vendor, uint16_t product, const uint8_t *descriptor, uint16_t count) {
    if (count > HID_MAX_DESCRIPTOR_SIZE) return -E2BIG;
    int fd = open("/dev/uhid", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return -errno;
    struct uhid_event event = {.type = UHID_CREATE2};
    snprintf((char *)event.u.create2.name, sizeof event.u.create2.name, "%s", name);
    event.u.create2.bus = BUS_USB;
    event.u.create2.vendor = vendor;
    event.u.create2.product = product;
    event.u.create2.rd_size = count;
    memcpy(event.u.create2.rd_data, descriptor, count);
    int32_t error = tell(fd, &event);
    if (error) {
        close(fd);
        return error;
    }
    return fd;
}

static void copy(da_uhid_event *event, const uint8_t *bytes, uint16_t size) {
    event->count = size < DA_UHID_BYTES ? size : DA_UHID_BYTES;
    memcpy(event->bytes, bytes, event->count);
    event->report = event->bytes[0];
}

int32_t da_uhid_next(int32_t fd, da_uhid_event *event, uint64_t deadline_ns) {
    struct uhid_event from;
    ssize_t got = read(fd, &from, sizeof from);
    if (got < 0 && errno == EAGAIN) {
        int64_t ready = da_wait_readable(&fd, 1, deadline_ns);
        if (ready < 0) return ready == -EINTR ? 0 : (int32_t)ready;
        if (ready == 0) return 0;
        got = read(fd, &from, sizeof from);
    }
    if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if ((size_t)got < sizeof from.type) return -EIO;
    *event = (da_uhid_event){.kind = DA_UHID_OTHER};
    switch (from.type) {
    case UHID_OUTPUT:
        event->kind = DA_UHID_OUTPUT;
        copy(event, from.u.output.data, from.u.output.size);
        break;
    case UHID_GET_REPORT:
        event->kind = DA_UHID_GET;
        event->id = from.u.get_report.id;
        event->report = from.u.get_report.rnum;
        break;
    case UHID_SET_REPORT:
        event->kind = DA_UHID_SET;
        event->id = from.u.set_report.id;
        copy(event, from.u.set_report.data, from.u.set_report.size);
        break;
    default: break;
    }
    return 1;
}

int32_t da_uhid_input(int32_t fd, const uint8_t *bytes, uint16_t count) {
    struct uhid_event event = {.type = UHID_INPUT2};
    if (count > sizeof event.u.input2.data) return -E2BIG;
    event.u.input2.size = count;
    memcpy(event.u.input2.data, bytes, count);
    return tell(fd, &event);
}

int32_t da_uhid_answer(int32_t fd, uint32_t id, uint16_t error, const uint8_t *bytes, uint16_t count) {
    struct uhid_event event = {.type = UHID_GET_REPORT_REPLY};
    if (count > sizeof event.u.get_report_reply.data) return -E2BIG;
    event.u.get_report_reply.id = id;
    event.u.get_report_reply.err = error;
    event.u.get_report_reply.size = count;
    memcpy(event.u.get_report_reply.data, bytes, count);
    return tell(fd, &event);
}

int32_t da_uhid_accept(int32_t fd, uint32_t id, uint16_t error) {
    struct uhid_event event = {.type = UHID_SET_REPORT_REPLY};
    event.u.set_report_reply.id = id;
    event.u.set_report_reply.err = error;
    return tell(fd, &event);
}
