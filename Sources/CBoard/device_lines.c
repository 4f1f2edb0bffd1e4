#include <dirent.h>
#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "gpio_chip.h"

/* libgpiod 1.6 and 2.x are two interfaces under one name. The chip is found by its label, because its number
 * moves between kernels and boards. */

static const uint8_t is_output[DA_LINES] = {
    [DA_LINE_OUTPUT_ENABLE] = 1,
    [DA_LINE_LED] = 1,
};

/* Only version 1 has bulks of lines, and the macro that limits them. */
#ifndef GPIOD_LINE_BULK_MAX_LINES
/* libgpiod 2.x: one request a line, so that each has its own direction and level. */

static struct gpiod_line_request *requests[DA_LINES];
static unsigned offsets[DA_LINES];

static int32_t line_get(void *context, uint32_t line) {
    (void)context;
    if (line >= DA_LINES || !requests[line]) return -ENODEV;
    int value = gpiod_line_request_get_value(requests[line], offsets[line]);
    return value < 0 ? -errno : value;
}

static int32_t line_set(void *context, uint32_t line, int32_t value) {
    (void)context;
    if (line >= DA_LINES || !requests[line]) return -ENODEV;
    int failed = gpiod_line_request_set_value(
        requests[line], offsets[line], value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
    return failed ? -errno : 0;
}

struct gpiod_chip *da_gpio_chip(const char *label) {
    DIR *folder = opendir("/dev");
    if (!folder) return NULL;
    struct gpiod_chip *found = NULL;
    for (struct dirent *entry; !found && (entry = readdir(folder));) {
        if (strncmp(entry->d_name, "gpiochip", 8) != 0) continue;
        char path[300];
        snprintf(path, sizeof path, "/dev/%s", entry->d_name);
        struct gpiod_chip *chip = gpiod_chip_open(path);
        if (!chip) continue;
        struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
        if (info && strcmp(gpiod_chip_info_get_label(info), label) == 0) found = chip;
        if (info) gpiod_chip_info_free(info);
        if (!found) gpiod_chip_close(chip);
    }
    closedir(folder);
    return found;
}

static int32_t request(struct gpiod_chip *chip, uint32_t line, const da_board_line *wanted, const char *consumer) {
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    struct gpiod_line_config *config = gpiod_line_config_new();
    struct gpiod_request_config *options = gpiod_request_config_new();
    int32_t result = -ENOMEM;
    if (settings && config && options) {
        gpiod_line_settings_set_direction(
            settings, is_output[line] ? GPIOD_LINE_DIRECTION_OUTPUT : GPIOD_LINE_DIRECTION_INPUT);
        gpiod_line_settings_set_active_low(settings, wanted->active_low);
        if (is_output[line]) gpiod_line_settings_set_output_value(settings, GPIOD_LINE_VALUE_INACTIVE);
        gpiod_request_config_set_consumer(options, consumer);
        offsets[line] = (unsigned)wanted->offset;
        gpiod_line_config_add_line_settings(config, &offsets[line], 1, settings);
        requests[line] = gpiod_chip_request_lines(chip, options, config);
        result = requests[line] ? 0 : -errno;
    }
    gpiod_request_config_free(options);
    gpiod_line_config_free(config);
    gpiod_line_settings_free(settings);
    return result;
}

static void chip_close(struct gpiod_chip *chip) { gpiod_chip_close(chip); }

const char *da_lines_library(void) {
    static char text[40];
    snprintf(text, sizeof text, "libgpiod %s", gpiod_api_version());
    return text;
}

#else
/* libgpiod 1.6 */

static struct gpiod_line *requests[DA_LINES];

static int32_t line_get(void *context, uint32_t line) {
    (void)context;
    if (line >= DA_LINES || !requests[line]) return -ENODEV;
    int value = gpiod_line_get_value(requests[line]);
    return value < 0 ? -errno : value;
}

static int32_t line_set(void *context, uint32_t line, int32_t value) {
    (void)context;
    if (line >= DA_LINES || !requests[line]) return -ENODEV;
    return gpiod_line_set_value(requests[line], value != 0) < 0 ? -errno : 0;
}

struct gpiod_chip *da_gpio_chip(const char *label) { return gpiod_chip_open_by_label(label); }

static int32_t request(struct gpiod_chip *chip, uint32_t line, const da_board_line *wanted, const char *consumer) {
    struct gpiod_line *found = gpiod_chip_get_line(chip, (unsigned)wanted->offset);
    if (!found) return -errno;
    int flags = wanted->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    int failed = is_output[line] ? gpiod_line_request_output_flags(found, consumer, flags, 0)
                                 : gpiod_line_request_input_flags(found, consumer, flags);
    if (failed) return -errno;
    requests[line] = found;
    return 0;
}

/* Version 1 lines live in their chip: it stays open as long as the process. */
static void chip_close(struct gpiod_chip *chip) { (void)chip; }

const char *da_lines_library(void) {
    static char text[40];
    snprintf(text, sizeof text, "libgpiod %s", gpiod_version_string());
    return text;
}
#endif

int32_t da_lines_open_device(da_lines *lines, const char *label, const da_board_line *table, const char *consumer) {
    errno = 0;
    struct gpiod_chip *chip = da_gpio_chip(label);
    if (!chip) return errno == EACCES ? -EACCES : -ENODEV;
    for (uint32_t line = 0; line < DA_LINES; line++) {
        if (table[line].offset < 0) continue;
        int32_t error = request(chip, line, &table[line], consumer);
        if (error) return error;
    }
    chip_close(chip);
    *lines = (da_lines){.context = NULL, .get = line_get, .set = line_set};
    return 0;
}
