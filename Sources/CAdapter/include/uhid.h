/* A HID device that a program plays for the kernel, over /dev/uhid (Documentation/hid/uhid.rst). */
#ifndef DRONEAGENT_UHID_H
#define DRONEAGENT_UHID_H

#include <stdint.h>

/* Longest report that is passed on, its number included. */
enum { DA_UHID_BYTES = 64 };

enum da_uhid_kind {
    DA_UHID_OTHER = 0,
    DA_UHID_OUTPUT = 1, /* the driver has sent a report                                            */
    DA_UHID_GET = 2,    /* it waits for a feature report, with da_uhid_answer                      */
    DA_UHID_SET = 3     /* it has set one and waits for da_uhid_accept                             */
};

typedef struct da_uhid_event {
    uint32_t kind;
    uint32_t id;    /* of a GET or SET, for its answer                                             */
    uint32_t count; /* of bytes                                                                    */
    uint8_t report; /* its number                                                                  */
    uint8_t reserved[3];
    uint8_t bytes[DA_UHID_BYTES]; /* of OUTPUT and SET, from the report's number on                */
} da_uhid_event;

/* Makes the device on the USB bus, as far as its driver can tell. Returns a descriptor; when it is closed the device
 * is gone. Negative errno: -ENOENT without the module uhid, -EACCES. */
int32_t da_uhid_open(const char *_Nonnull name, uint16_t vendor, uint16_t product, const uint8_t *_Nonnull descriptor,
                     uint16_t count);
/* Waits until the absolute CLOCK_MONOTONIC time at most: 1 with an event, 0 without one, or a negative errno. */
int32_t da_uhid_next(int32_t fd, da_uhid_event *_Nonnull event, uint64_t deadline_ns);
/* Sends an input report, answers a GET, accepts a SET (`error` 0 or a positive errno). 0 or a negative errno. */
int32_t da_uhid_input(int32_t fd, const uint8_t *_Nonnull bytes, uint16_t count);
int32_t da_uhid_answer(int32_t fd, uint32_t id, uint16_t error, const uint8_t *_Nonnull bytes, uint16_t count);
int32_t da_uhid_accept(int32_t fd, uint32_t id, uint16_t error);

#endif
