/* The GPIO chip that a board names, for the files that request lines of it. */
#ifndef DRONEAGENT_GPIO_CHIP_H
#define DRONEAGENT_GPIO_CHIP_H

#include <gpiod.h>

/* Opens the chip with this label; NULL, with errno, when there is none. The caller closes it, but under libgpiod 1.6
 * keeps it open: there lines live in their chip. */
struct gpiod_chip *da_gpio_chip(const char *label);

#endif
