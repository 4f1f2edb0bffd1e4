#!/usr/bin/env python3
"""A flight container in Python, written from Sources/Manual/wire-contract.md alone.

Usage: python_controller.py DIRECTORY

Flies with a complementary filter and P and PI loops, hands its state over and takes it over. Standard library and
pyzmq; no real-time claims.
"""
import gc
import math
import os
import signal
import socket
import struct
import sys
import time

import zmq

MAGIC, VERSION = 0xDA9E, 1
HELLO, COMMAND, WELCOME, SAMPLE = 1, 2, 3, 4
INTRODUCE, OFFER, NEED, STREAM, CUT, ACKNOWLEDGE, READY, RETIRE = 32, 33, 34, 35, 36, 37, 38, 39
DISARMED, ARMED = 0, 1
BARO_FRESH, ON_GROUND = 2, 8
SETTLED, TRACKING = 1, 2

HEADER = struct.Struct("<HBBI")
NAMES = struct.Struct("<32s32s")
WELCOME_BODY = struct.Struct("<IIQ f3f4f4f4f6f")
SAMPLE_BODY = struct.Struct("<5Q 3f3f 4f 4fQ 4f BBB5x")
COMMAND_BODY = struct.Struct("<4Q 4f4f II")
QUEUE_BODY = struct.Struct("<QQII")
CHANNEL_OFFER = struct.Struct("<32sHBBIII")
CHANNEL_NEED = struct.Struct("<32sHHBBHII")
CHANNEL_STATE = struct.Struct("<32sHHI")
RECORD = struct.Struct("<3Q 4f")

NAME, RELEASE = b"python", b"1.0"
CHANNEL, STATE = b"python.state", struct.Struct("<10f")
G = 9.80665


def frame(kind, body):
    return HEADER.pack(MAGIC, VERSION, kind, HEADER.size + len(body)) + body


def body_of(data, kind, layout):
    """The fields of a frame, or None if it is none of this contract."""
    if len(data) != HEADER.size + layout.size or HEADER.unpack_from(data) != (MAGIC, VERSION, kind, len(data)):
        return None
    return layout.unpack_from(data, HEADER.size)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def crc_entry(value):
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value


CRC_TABLE = [crc_entry(value) for value in range(256)]


def clamp(value, low, high):
    return low if value < low else high if value > high else value


class Controller:
    """Samples in, four motor commands out. Angles in rad, NED and FRD."""

    def __init__(self, vehicle, rate):
        self.mass, self.inertia = vehicle[0], vehicle[1:4]
        self.x, self.y, self.spin = vehicle[4:8], vehicle[8:12], vehicle[12:16]
        self.thrust_max, self.ratio, _, self.tilt_limit, self.idle, _ = vehicle[16:22]
        self.seconds = 1 / rate
        self.roll = self.pitch = 0.0
        self.height = self.climb = self.bias = self.datum = 0.0
        self.hold = self.lift = self.roll_sum = self.pitch_sum = 0.0
        self.baro_age = 0.0

    # What a successor needs, as the bytes of the channel.
    def state(self):
        return STATE.pack(self.roll, self.pitch, self.height, self.climb, self.bias, self.datum, self.hold, self.lift,
                          self.roll_sum, self.pitch_sum)

    def restore(self, state):
        (self.roll, self.pitch, self.height, self.climb, self.bias, self.datum, self.hold, self.lift, self.roll_sum,
         self.pitch_sum) = STATE.unpack(state)

    def step(self, gyro, accel, pressure, setpoint, mode, flags, integrate):
        standing = mode in (DISARMED, ARMED)
        self.estimate(gyro, accel, pressure, mode, flags, standing)
        if standing:
            self.hold, self.lift, self.roll_sum, self.pitch_sum = self.height, 0.0, 0.0, 0.0
            return [0.0 if mode == DISARMED else self.idle] * 4
        return self.control(gyro, setpoint, integrate and not flags & ON_GROUND)

    def estimate(self, gyro, accel, pressure, mode, flags, standing):
        dt = self.seconds
        sr, cr, cp, tp = math.sin(self.roll), math.cos(self.roll), math.cos(self.pitch), math.tan(self.pitch)
        self.roll += dt * (gyro[0] + tp * (sr * gyro[1] + cr * gyro[2]))
        self.pitch += dt * (cr * gyro[1] - sr * gyro[2])
        force = math.sqrt(accel[0] ** 2 + accel[1] ** 2 + accel[2] ** 2)
        if abs(force - G) < 2:
            # Gravity pulls fast while standing; in flight slowly, and hardly where the tilt tells of acceleration.
            tilted = max(abs(self.roll), abs(self.pitch))
            pull = 2.0 if standing else 0.12 * clamp(1.5 - tilted / 0.17, 0.05, 1)
            self.roll += dt * pull * (math.atan2(-accel[1], -accel[2]) - self.roll)
            self.pitch += dt * pull * (math.atan2(accel[0], math.hypot(accel[1], accel[2])) - self.pitch)
        up = -(-math.sin(self.pitch) * accel[0] + cp * (sr * accel[1] + cr * accel[2])) - G
        if mode == DISARMED or self.datum == 0:
            self.datum = pressure if self.datum == 0 else self.datum + 2 * dt * (pressure - self.datum)
        if standing:
            self.height = self.climb = self.baro_age = 0.0
            self.bias += dt * (up - self.bias)
            return
        self.climb += dt * (up - self.bias)
        self.height += dt * self.climb
        self.baro_age += dt
        if flags & BARO_FRESH:
            error = clamp(8434 * math.log(self.datum / pressure) - self.height, -10, 10) * min(self.baro_age, 0.2)
            self.height += 2.7 * error
            self.climb += 2.4 * error
            self.bias -= 0.7 * error
            self.baro_age = 0.0

    def control(self, gyro, setpoint, integrate):
        dt = self.seconds
        roll, pitch, yaw_rate, climb = setpoint
        self.hold = clamp(self.hold + dt * climb, self.height - 0.6, self.height + 0.6)
        error = climb + clamp(1.2 * (self.hold - self.height), -1, 1) - self.climb
        roll_error = 5 * (clamp(roll, -self.tilt_limit, self.tilt_limit) - self.roll) - gyro[0]
        pitch_error = 5 * (clamp(pitch, -self.tilt_limit, self.tilt_limit) - self.pitch) - gyro[1]
        if integrate:
            self.lift = clamp(self.lift + dt * 2 * error, -4, 4)
            if abs(roll_error) < 0.5:
                self.roll_sum = clamp(self.roll_sum + dt * 15 * roll_error, -15, 15)
            if abs(pitch_error) < 0.5:
                self.pitch_sum = clamp(self.pitch_sum + dt * 15 * pitch_error, -15, 15)
        upright = max(0.5, math.cos(self.roll) * math.cos(self.pitch))
        thrust = self.mass * (G + clamp(5 * error + self.lift, -5, 6)) / upright
        torque = (self.inertia[0] * clamp(16 * roll_error + self.roll_sum, -100, 100),
                  self.inertia[1] * clamp(16 * pitch_error + self.pitch_sum, -100, 100),
                  self.inertia[2] * clamp(4 * (yaw_rate - gyro[2]), -5, 5))
        return self.mix(thrust, torque)

    def mix(self, thrust, torque):
        """Inverse of the geometry of an X: each motor's share of thrust and torque, then command = sqrt."""
        square_x, square_y = sum(x * x for x in self.x), sum(y * y for y in self.y)
        motors = []
        for x, y, spin in zip(self.x, self.y, self.spin):
            force = thrust / 4 - y * torque[0] / square_y + x * torque[1] / square_x + spin * torque[2] / 4 / self.ratio
            motors.append(clamp(math.sqrt(max(0.0, force) / self.thrust_max), self.idle, 1.0))
        return motors


class Queue:
    """The handover queue, asked once in a while by the loop below; it never waits."""

    def __init__(self, directory):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        for option, value in ((zmq.LINGER, 0), (zmq.SNDHWM, 32), (zmq.RCVHWM, 32), (zmq.IMMEDIATE, 1)):
            self.socket.setsockopt(option, value)
        self.socket.connect(f"ipc://{directory}/queue.ipc")
        self.sequence, self.heard = 0, -1.0
        self.interval, self.window, self.open = 0, 0, []

    def send(self, kind, body=b"", tick=0, count=0):
        if kind == INTRODUCE:
            self.sequence = 0
        head = QUEUE_BODY.pack(self.sequence + 1, tick, count, crc32c(body))
        try:
            self.socket.send(frame(kind, head + body), zmq.NOBLOCK)
        except zmq.Again:
            return False
        self.sequence += 1
        return True

    def introduce(self, now):
        if now - self.heard < 1:
            return
        if self.send(INTRODUCE, NAMES.pack(NAME, RELEASE), count=1):
            self.heard = now
            self.send(OFFER, CHANNEL_OFFER.pack(CHANNEL, 1, 1, 0, STATE.size, 50, 0), count=1)
            self.send(NEED, CHANNEL_NEED.pack(CHANNEL, 1, 1, 1, 0, 0, 1000, 0), count=1)

    def receive(self, now):
        """Kind, tick and body of the next message that waits, or None."""
        try:
            data = self.socket.recv(zmq.NOBLOCK)
        except zmq.Again:
            return None
        start = HEADER.size + QUEUE_BODY.size
        if len(data) < start:
            return None
        magic, version, kind, size = HEADER.unpack_from(data)
        _, tick, _, checksum = QUEUE_BODY.unpack_from(data, HEADER.size)
        if (magic, version, size) != (MAGIC, VERSION, len(data)) or crc32c(data[start:]) != checksum:
            return None
        self.heard = now
        return kind, tick, data[start:]

    def give_cut(self, tick, state):
        if self.interval and tick % self.interval == 0 and len(self.open) < self.window:
            body = CHANNEL_STATE.pack(CHANNEL, 1, 0, len(state)) + state + bytes(-len(state) % 8)
            if self.send(CUT, body, tick, 1):
                self.open.append(tick)


def state_in(body):
    """The bytes of our channel in a cut, or None."""
    at = 0
    while at + CHANNEL_STATE.size <= len(body):
        name, schema, _, count = CHANNEL_STATE.unpack_from(body, at)
        at += CHANNEL_STATE.size
        if name.rstrip(b"\0") == CHANNEL and schema == 1 and count == STATE.size:
            state = body[at:at + count]
            return state if all(map(math.isfinite, STATE.unpack(state))) else None
        at += count + -count % 8
    return None


class Container:
    BLEND = 0.08  # s, until the old owner's last command is forgotten
    HISTORY = 256  # samples, for taking over a cut of the past

    def __init__(self, directory):
        self.directory, self.queue = directory, Queue(directory)
        self.log = open(os.path.join(directory, "commands.log"), "ab", buffering=1 << 16)
        self.controller, self.airframe = None, None
        self.running, self.owned, self.owns = True, False, False
        self.state_tick, self.watched, self.last_tick = 0, 0, 0
        self.free, self.offset, self.blending = [0.0] * 4, [0.0] * 4, 0.0
        self.ready_tick = 0
        self.history, self.cut = {}, None
        # A parent may have left them blocked.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def stop(self, *_):
        self.running = False

    def run(self):
        while self.running:
            connection = self.connect()
            if connection:
                self.serve(connection)
                connection.close()
            time.sleep(0.02)
        self.log.close()

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.settimeout(1)
        try:
            connection.connect(os.path.join(self.directory, "tick.sock"))
            connection.send(frame(HELLO, NAMES.pack(NAME, RELEASE)))
            welcome = body_of(connection.recv(1024), WELCOME, WELCOME_BODY)
        except OSError:
            welcome = None
        if welcome is None:
            connection.close()
            return None
        if self.airframe != (welcome[0], welcome[3:]):
            self.airframe = (welcome[0], welcome[3:])
            self.controller = Controller(welcome[3:], welcome[0])
        connection.settimeout(0.1)
        return connection

    def serve(self, connection):
        while self.running:
            try:
                data = connection.recv(1024)
                if not data:
                    return
                sample = body_of(data, SAMPLE, SAMPLE_BODY)
                if sample:
                    connection.send(self.answer(sample))
            except TimeoutError:
                pass
            except OSError:
                return
            # The command is on its way; what follows has the rest of the tick.
            self.talk()

    def answer(self, sample):
        tick, scheduled, _, owner_epoch, your_epoch = sample[:5]
        applied = sample[15:19]
        if tick != self.last_tick + 1:
            self.watched, self.state_tick, self.history = 0, 0, {}
        self.last_tick, self.watched = tick, self.watched + 1
        owns = your_epoch != 0 and your_epoch == owner_epoch
        if owns and not self.owns:
            self.offset = [there - here for there, here in zip(applied, self.free)]
            self.blending = self.BLEND
        self.owns, self.owned = owns, self.owned or owns
        self.free = self.fly(sample, owns or not self.owned)
        self.history[tick] = (sample, self.controller.state())
        self.history.pop(tick - self.HISTORY, None)
        motor, flags = self.free, SETTLED if self.is_settled() else 0
        if owns and self.blending > 0 and sample[24] > ARMED:
            weight = self.blending / self.BLEND
            motor = [clamp(free + weight * offset, 0, 1) for free, offset in zip(self.free, self.offset)]
            self.blending -= self.controller.seconds
            flags |= TRACKING
        self.log.write(RECORD.pack(tick, scheduled, your_epoch, *motor))
        return frame(COMMAND, COMMAND_BODY.pack(
            tick, scheduled, your_epoch, self.state_tick, *motor, *self.free, flags, 0))

    def is_settled(self):
        return self.watched * self.controller.seconds > 1

    def fly(self, sample, integrate):
        return self.controller.step(sample[5:8], sample[8:11], sample[11], sample[20:24], sample[24], sample[26],
                                    integrate)

    def take_cut(self, tick, state):
        """Puts the owner's state under ours as of `tick` and flies the samples since again."""
        if tick > self.last_tick:
            return False
        if tick in self.history and not self.owns:
            self.controller.restore(state)
            for later in range(tick + 1, self.last_tick + 1):
                sample = self.history[later][0]
                self.free = self.fly(sample, True)
            self.state_tick, self.owned = tick, False
            self.queue.send(ACKNOWLEDGE, tick=tick)
        return True

    def talk(self):
        queue, now = self.queue, time.monotonic()
        queue.introduce(now)
        queue.give_cut(self.last_tick, self.controller.state())
        if self.cut and self.take_cut(*self.cut):
            self.cut = None
        if self.state_tick != self.ready_tick and self.is_settled():
            self.ready_tick = self.state_tick
            if self.state_tick:
                queue.send(READY, tick=self.state_tick)
        message = queue.receive(now)
        if message is None:
            return
        kind, tick, body = message
        if kind == STREAM and len(body) == 8:
            queue.interval, queue.window = struct.unpack("<II", body)
            queue.open = []
        elif kind == ACKNOWLEDGE:
            queue.open = [sent for sent in queue.open if sent > tick]
        elif kind == CUT and (state := state_in(body)):
            self.cut = (tick, state)
        elif kind == RETIRE:
            self.running = False


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python_controller.py DIRECTORY, where tick.sock and queue.ipc are.")
    gc.freeze()
    gc.disable()
    Container(sys.argv[1]).run()
