/* The least that a flight core in C can be, to measure ours against: one thread of SCHED_FIFO 80 on the last CPU with
 * absolute deadlines, the same transfers in the same ticks, through the same driver of the simulated bus, and the same
 * exchange on the same kind of socket. It guards no transfer, filters nothing, checks no owner, records nothing and
 * serves nobody else. It never flies.
 *
 *     ReferenceCore BUS_SOCKET TICK_SOCKET
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "board.h"

/* ns; 500 Hz, as the bench's board. */
static const uint64_t period_ns = 2000000;
/* s within which the controller must connect. */
static const int connect_seconds_max = 30;
/* The bench's chips, and where their data begin (data sheets). */
enum { IMU = 0x68, BAROMETER = 0x76, BATTERY = 0x40, MOTORS = 0x41 };
enum { IMU_DATA = 0x3B, BAROMETER_PRESSURE = 0xF7, BAROMETER_TEMPERATURE = 0xFA, MOTORS_DATA = 0x06 };
enum { BATTERY_VOLTAGE = 0x02, BATTERY_CURRENT = 0x01 };

static volatile sig_atomic_t told_to_stop;

static void stop(int signal) {
    (void)signal;
    told_to_stop = 1;
}

static void fail(const char *what) {
    fprintf(stderr, "reference core: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Awake, full scales, prescaler: what a driver sets up once. */
static void set_up_chips(const da_bus *bus) {
    static const struct {
        uint8_t address, reg, value;
    } steps[] = {
        {IMU, 0x6B, 0x01},    {IMU, 0x1A, 0x01},    {IMU, 0x19, 0x00},    {IMU, 0x1B, 0x10},   {IMU, 0x1C, 0x10},
        {BAROMETER, 0xF4, 0x57}, {MOTORS, 0x00, 0x30}, {MOTORS, 0xFE, 0x03}, {MOTORS, 0x01, 0x04}, {MOTORS, 0x00, 0x20},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (da_bus_write(bus, steps[i].address, steps[i].reg, &steps[i].value, 1) != 0) fail("a chip does not answer");
}

/* Waits for the controller's hello and welcomes it. Returns its socket. */
static int welcome_controller(const char *path) {
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) fail("the tick socket's path is too long");
    strcpy(address.sun_path, path);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0)
        fail("the tick socket cannot be made");
    struct timeval patience = {.tv_sec = connect_seconds_max};
    setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int controller = accept(listener, NULL, NULL);
    da_hello hello;
    if (controller < 0 || recv(controller, &hello, sizeof hello, 0) != sizeof hello) fail("no controller says hello");
    da_welcome welcome = {
        .header = {DA_MAGIC, DA_CONTRACT_VERSION, DA_KIND_WELCOME, sizeof welcome}, .tick_rate = 500};
    if (send(controller, &welcome, sizeof welcome, 0) < 0) fail("the controller went away");
    /* A controller that does not answer costs the rest of the tick, no more. */
    struct timeval limit = {.tv_usec = 1000};
    setsockopt(controller, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return controller;
}

static float word(const uint8_t *bytes, float scale) { return (float)(int16_t)(bytes[0] << 8 | bytes[1]) * scale; }

static void sense(const da_bus *bus, const da_lines *lines, uint64_t tick, da_sample *sample) {
    uint8_t bytes[14];
    if (da_bus_read(bus, IMU, IMU_DATA, bytes, 14) == 0) {
        for (int axis = 0; axis < 3; axis++) {
            sample->accel[axis] = word(bytes + 2 * axis, 9.80665f / 4096);
            sample->gyro[axis] = word(bytes + 8 + 2 * axis, 3.14159265f / 180 / 32.8f);
        }
        sample->flags = DA_SAMPLE_IMU_FRESH | DA_SAMPLE_ON_GROUND;
    }
    if (tick % 5 == 0) da_lines_get(lines, DA_LINE_KILL);
    if (tick % 25 == 1) da_lines_get(lines, DA_LINE_ARM);
}

/* The slower chips, behind the motor write and in the same ticks as in ours. */
static void take_turn(const da_bus *bus, uint64_t tick) {
    uint8_t bytes[6];
    if (tick % 10 == 0) da_bus_read(bus, BAROMETER, BAROMETER_PRESSURE, bytes, 3);
    else if (tick % 50 == 1) da_bus_read(bus, BATTERY, BATTERY_VOLTAGE, bytes, 2);
    else if (tick % 50 == 2) da_bus_read(bus, BATTERY, BATTERY_CURRENT, bytes, 2);
    else if (tick % 50 == 4) da_bus_read(bus, BAROMETER, BAROMETER_TEMPERATURE, bytes, 3);
    if (tick % 10 == 3) da_bus_read(bus, MOTORS, 0x00, bytes, 1);
}

static void actuate(const da_bus *bus, const float motors[DA_MOTORS]) {
    /* OneShot125 at 1526 Hz: command 0 to 1 is 125 to 250 us of 4096 counts. */
    const float counts = 25e6f / 4;
    uint8_t bytes[16] = {0};
    for (int motor = 0; motor < DA_MOTORS; motor++) {
        float command = motors[motor] < 0 ? 0 : motors[motor] > 1 ? 1 : motors[motor];
        uint16_t off = (uint16_t)((125e-6f + 125e-6f * command) * counts + 0.5f);
        bytes[4 * motor + 2] = (uint8_t)off;
        bytes[4 * motor + 3] = (uint8_t)(off >> 8);
    }
    da_bus_write(bus, MOTORS, MOTORS_DATA, bytes, 16);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: ReferenceCore BUS_SOCKET TICK_SOCKET\n");
        return 64;
    }
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    da_bus bus;
    da_lines lines;
    if (da_bus_open_bridge(&bus, arguments[1], 0) != 0 || da_lines_open_bridge(&lines, arguments[1]) != 0)
        fail("the simulated bus cannot be reached");
    set_up_chips(&bus);
    int controller = welcome_controller(arguments[2]);

    cpu_set_t allowed, last;
    sched_getaffinity(0, sizeof allowed, &allowed);
    CPU_ZERO(&last);
    CPU_SET(CPU_COUNT(&allowed) - 1, &last);
    struct sched_param priority = {.sched_priority = 80};
    if (sched_setaffinity(0, sizeof last, &last) != 0 || sched_setscheduler(0, SCHED_FIFO, &priority) != 0)
        fail("no real-time priority");
    mlockall(MCL_CURRENT | MCL_FUTURE);

    float motors[DA_MOTORS] = {0};
    uint64_t start = now_ns() + 10 * period_ns;
    for (uint64_t tick = 1; !told_to_stop; tick++) {
        struct timespec at = {.tv_sec = (time_t)(start / 1000000000u), .tv_nsec = (long)(start % 1000000000u)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        uint64_t late = now_ns() - start;
        if (late >= period_ns) start += late / period_ns * period_ns;
        da_sample sample = {
            .header = {DA_MAGIC, DA_CONTRACT_VERSION, DA_KIND_SAMPLE, sizeof sample},
            .tick = tick,
            .scheduled_ns = start,
            .owner_epoch = 1,
            .your_epoch = 1,
        };
        sense(&bus, &lines, tick, &sample);
        sample.sensed_ns = now_ns();
        da_command command;
        if (send(controller, &sample, sizeof sample, MSG_NOSIGNAL) < 0) break;
        /* An older answer, of a tick that was given up, is passed over once. */
        for (int tries = 0; tries < 2; tries++) {
            if (recv(controller, &command, sizeof command, 0) != sizeof command) break;
            if (command.tick != tick) continue;
            memcpy(motors, command.motor, sizeof motors);
            break;
        }
        actuate(&bus, motors);
        take_turn(&bus, tick);
        start += period_ns;
    }
    return 0;
}
