#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "board.h"

/* Output-enable as a plain descriptor. Neither version of libgpiod can take up a line that another process has
 * requested, so this one line is asked of the kernel itself (GPIO character device, version 2, since Linux 5.10). */

static int chip_open(const char *label) {
    DIR *folder = opendir("/dev");
    if (!folder) return -errno;
    int found = -ENODEV;
    for (struct dirent *entry; found < 0 && (entry = readdir(folder));) {
        if (strncmp(entry->d_name, "gpiochip", 8) != 0) continue;
        char path[300];
        snprintf(path, sizeof path, "/dev/%s", entry->d_name);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0) continue;
        struct gpiochip_info info = {0};
        if (ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &info) == 0 && strncmp(info.label, label, sizeof info.label) == 0)
            found = fd;
        else
            close(fd);
    }
    closedir(folder);
    return found;
}

int32_t da_output_hold_device(const char *label, const da_board_line *line, const char *consumer) {
    int chip = chip_open(label);
    if (chip < 0) return chip;
    struct gpio_v2_line_request request = {.num_lines = 1, .offsets = {(uint32_t)line->offset}};
    /* All other fields zero: the line starts inactive. */
    request.config.flags = GPIO_V2_LINE_FLAG_OUTPUT | (line->active_low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0);
    strncpy(request.consumer, consumer, sizeof request.consumer - 1);
    int32_t result = ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) == 0 ? request.fd : -errno;
    close(chip);
    if (result >= 0) fcntl(result, F_SETFD, FD_CLOEXEC);
    return result;
}

static struct {
    da_lines inner;
    int32_t fd;
    int32_t is_bridge;
} adopted;

static int32_t adopted_get(void *context, uint32_t line) {
    (void)context;
    return da_lines_get(&adopted.inner, line);
}

static int32_t adopted_set(void *context, uint32_t line, int32_t value) {
    (void)context;
    if (line != DA_LINE_OUTPUT_ENABLE) return da_lines_set(&adopted.inner, line, value);
    if (adopted.is_bridge) return da_bridge_set(adopted.fd, line, value);
    struct gpio_v2_line_values values = {.bits = value != 0, .mask = 1};
    return ioctl(adopted.fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &values) == 0 ? 0 : -errno;
}

void da_lines_adopt_output(da_lines *lines, int32_t fd, int32_t is_bridge) {
    adopted.inner = *lines;
    adopted.fd = fd;
    adopted.is_bridge = is_bridge;
    *lines = (da_lines){.context = NULL, .get = adopted_get, .set = adopted_set};
}
