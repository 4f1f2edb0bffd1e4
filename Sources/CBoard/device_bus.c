#include <errno.h>
#include <fcntl.h>
#include <i2c/smbus.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "board.h"

/* I2C_TIMEOUT counts in 10 ms steps (Documentation/i2c/dev-interface.rst); 1 is the least. */
enum { TIMEOUT_STEPS = 1, OPEN_LIMIT = 4 };

/* The adapter keeps one target address at a time; it is changed only when another chip's turn comes. */
struct device {
    int fd;
    int address;
};

static int select_chip(struct device *device, uint8_t address) {
    if (device->address == address) return 0;
    if (ioctl(device->fd, I2C_SLAVE, (long)address) < 0) return -errno;
    device->address = address;
    return 0;
}

static int32_t device_read(void *context, uint8_t address, uint8_t reg, uint8_t *bytes, uint8_t count) {
    struct device *device = context;
    int error = select_chip(device, address);
    if (error) return error;
    int got = i2c_smbus_read_i2c_block_data(device->fd, reg, count, bytes);
    if (got < 0) return got;
    return got == count ? 0 : -EIO;
}

static int32_t device_write(void *context, uint8_t address, uint8_t reg, const uint8_t *bytes, uint8_t count) {
    struct device *device = context;
    int error = select_chip(device, address);
    if (error) return error;
    return i2c_smbus_write_i2c_block_data(device->fd, reg, count, bytes);
}

int32_t da_bus_open_device(da_bus *bus, const char *path) {
    /* A board has at most a few buses; static places need no allocation and are never given back. */
    static struct device devices[OPEN_LIMIT];
    static int used;
    if (used == OPEN_LIMIT) return -EMFILE;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return -errno;
    unsigned long functions = 0;
    if (ioctl(fd, I2C_FUNCS, &functions) < 0 || !(functions & I2C_FUNC_SMBUS_I2C_BLOCK)) {
        close(fd);
        return -EOPNOTSUPP;
    }
    ioctl(fd, I2C_TIMEOUT, (long)TIMEOUT_STEPS);
    ioctl(fd, I2C_RETRIES, 0L);
    struct device *device = &devices[used++];
    *device = (struct device){.fd = fd, .address = -1};
    *bus = (da_bus){.context = device, .read = device_read, .write = device_write};
    return 0;
}
