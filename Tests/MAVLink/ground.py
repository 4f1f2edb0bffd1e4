"""Real ground stations, pymavlink and MAVSDK, fly the simulated vehicle through `droneagent mavlink`.

    ground.py DRONEAGENT'S-FOLDER OUT [--engine unix:///SOCKET --registry HOST:PORT]

The world, the core and the container that flies are the bench's own programs. With an engine and a registry the agent is
too, and the vehicle is updated in the air; without, a played agent tells of an update that does not happen. What is true
of the flight is read from the world's log, not from what the vehicle says. Exits 0 when all holds.
"""
import argparse
import json
import math
import os
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil  # noqa: E402  (its protocol's version is set by the line above)

mavlink = mavutil.mavlink
HERE, REPOSITORY = Path(__file__).parent, Path(__file__).parents[2]
TRUTH_HEAD, TRUTH_BYTES, TRUTH_DOWN = 16, 96, 16
REQUEST, REPLY_REFUSED = struct.Struct("<HBBI II 32s 104s 4f f I"), struct.Struct("<8xI")
ATTACH, GRANT = 1, 3
DISARMED, ARMED, TAKEOFF, FLY, LAND = range(5)
PHASES = ["pulling", "verifying", "starting", "planning", "rehearsing", "syncing", "shadowing", "ready", "switching", "probation",
          "committing"]
KEY = bytes(range(32))


def say(text):
    print(text, flush=True)


def wait(what, seconds, done):
    """What `done` gives once it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = done()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


class Drone:
    """World, core, container and agent, each a process."""

    def __init__(self, programs, out, engine, registry):
        self.programs, self.out, self.engine, self.registry = programs, out, engine, registry
        self.run = Path(tempfile.mkdtemp(prefix="mav", dir="/tmp"))
        self.state = self.run / "state"
        self.children, self.links = {}, {}

    def start(self, name, program, *arguments, **environment):
        log = open(self.out / f"{name}.log", "wb")
        child = subprocess.Popen([self.programs / program, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=log, env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **environment})
        self.children[name] = child
        return child

    def do(self, program, *arguments, seconds=120):
        done = subprocess.run([self.programs / program, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=seconds)
        assert done.returncode == 0, f"{program} {arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    @property
    def places(self):
        return ["--run", self.run, "--state", self.state]

    def begin(self):
        for folder in (self.state, self.run / "instances", self.run / "world"):
            folder.mkdir(parents=True)
        board = self.state / "board.bin"
        self.do("droneagent", "board", "compile", REPOSITORY / "Board/bench.yaml", "-o", board)
        self.start("world", "flightbench", "world", "--board", board, "--socket", self.run / "bus.sock", "--folder",
                   self.run / "world", "--seed", "1")
        wait("the simulated world", 30, (self.run / "bus.sock").exists)
        self.start("core", "flightcore", "--supervise", "--board", board, "--record", self.run / "flight.ulg", *self.places)
        wait("the flight core", 30, (self.run / "core.sock").exists)
        if self.engine:
            self.start("agent", "droneagent", "serve", "--engine", self.engine, *self.places)
            wait("the agent", 30, (self.run / "agent.sock").exists)
            self.do("droneagent", "start", f"{self.registry}/flight:v1", *self.places)
        else:
            self.begin_plain()

    def begin_plain(self):
        folder = self.run / "instances/v1"
        folder.mkdir()
        self.ask_core(ATTACH, "v1", folder)
        v1 = self.start("v1", "flight-v1", FLIGHT_DIRECTORY=str(folder))
        wait("v1 to be connected", 30, lambda: self.ask_core(GRANT, "v1"))
        # As the agent gives an owner its priority. It may have lost the motors meanwhile, for want of it.
        for thread in os.listdir(f"/proc/{v1.pid}/task"):
            os.sched_setscheduler(int(thread), os.SCHED_FIFO, os.sched_param(60))
        self.ask_core(GRANT, "v1")
        self.played = PlayedAgent(self.run / "agent.sock")

    def ask_core(self, operation, name, folder=""):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            control.settimeout(5)
            control.connect(str(self.run / "core.sock"))
            control.send(REQUEST.pack(0xDA9E, 1, 16, REQUEST.size, operation, 0, name.encode(), str(folder).encode(),
                                      0, 0, 0, 0, 0, 0))
            return REPLY_REFUSED.unpack_from(control.recv(1024))[0] == 0

    def height(self):
        """m, of the true vehicle."""
        log = (self.run / "world/truth.log").read_bytes()
        whole = (len(log) - TRUTH_HEAD) // TRUTH_BYTES
        if whole < 1:
            return 0.0
        return -struct.unpack_from("<f", log, TRUTH_HEAD + (whole - 1) * TRUTH_BYTES + TRUTH_DOWN)[0]

    def highest(self, since):
        """m, of the true vehicle, in the records behind the first `since`; and how many there are."""
        log = (self.run / "world/truth.log").read_bytes()
        heights = [-struct.unpack_from("<f", log, at + TRUTH_DOWN)[0]
                   for at in range(TRUTH_HEAD + since * TRUTH_BYTES, len(log) - TRUTH_BYTES + 1, TRUTH_BYTES)]
        return max(heights, default=0.0), since + len(heights)

    def end(self):
        for child in [*self.links.values(), *reversed(self.children.values())]:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
        shutil.rmtree(self.run, ignore_errors=True)


class PlayedAgent:
    """An agent's socket behind which an update goes through its phases, faster than it is asked."""

    def __init__(self, path):
        self.update = self.ended = None
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                connection.makefile().readline()
                status = {"instances": []} | ({"update": self.update} if self.update else {})
                status |= {"ended": self.ended} if self.ended else {}
                line = {"line": "result", "outcome": "done", "text": "Status of the drone.", "status": status}
                connection.sendall(json.dumps(line).encode() + b"\n")

    def play(self):
        steps = []
        for phase in PHASES:
            steps = steps + [{"phase": phase, "began": 1, "text": "It is under way."}]
            self.update = {"reference": "flight:v2", "began": 1, "steps": steps}
            time.sleep(0.1)
        self.ended = {**self.update, "outcome": "updated", "text": "flight:v2 flies as flight-2."}
        self.update = None


class Station:
    """A ground station of pymavlink: heartbeats once a second, and everything that came."""

    def __init__(self, port, key=None):
        self.link = mavutil.mavlink_connection(f"udpout:127.0.0.1:{port}", source_system=255, source_component=190)
        if key:
            self.link.setup_signing(key, sign_outgoing=True)
        self.came, self.texts, self.mode, self.is_armed = {}, {}, None, False
        self.is_over, self.lock = False, threading.Lock()
        self.beats = True
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.beat, self.listen)]
        for thread in self.threads:
            thread.start()

    def beat(self):
        while not self.is_over:
            if self.beats:
                self.send("heartbeat", mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE)
            time.sleep(1)

    def send(self, name, *arguments):
        with self.lock:
            getattr(self.link.mav, f"{name}_send")(*arguments)

    def listen(self):
        while not self.is_over:
            try:
                message = self.link.recv_match(blocking=True, timeout=0.2)
            except ConnectionError:
                continue
            if message is None:
                continue
            kind = message.get_type()
            self.came.setdefault(kind, []).append((time.monotonic(), message))
            if kind == "HEARTBEAT":
                self.mode = message.custom_mode
                self.is_armed = bool(message.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED)

    def last(self, kind):
        came = self.came.get(kind)
        return came[-1][1] if came else None

    def told(self):
        """All sentences so far, those in parts put together."""
        sentences, parts = [], ""
        for _, message in self.came.get("STATUSTEXT", []):
            parts += message.text
            if message.id == 0 or len(message.text.encode()) < 50:
                sentences.append(parts)
                parts = ""
        return sentences

    def command(self, number, *parameters, seconds=3, system=1):
        """The result; nothing when none came."""
        before = len(self.came.get("COMMAND_ACK", []))
        filled = list(parameters) + [math.nan] * (7 - len(parameters))
        self.send("command_long", system, 1, number, 0, *filled)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for _, ack in self.came.get("COMMAND_ACK", [])[before:]:
                if ack.command == number:
                    return ack.result
            time.sleep(0.01)
        return None

    def arm(self):
        """A vehicle that has just landed measures its gyroscope's bias first."""
        end = time.monotonic() + 30
        while self.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) != mavlink.MAV_RESULT_ACCEPTED:
            assert time.monotonic() < end, f"arming: {self.told()[-1:]}"
            time.sleep(0.5)
        wait("the armed flag", 3, lambda: self.is_armed)

    def rise(self, height):
        assert self.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, math.nan, 0, 0, height) == mavlink.MAV_RESULT_ACCEPTED
        wait("the take-off to end", 30, lambda: self.mode == FLY)

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join(3)
        self.link.close()


class Link:
    """One `droneagent mavlink`."""

    def __init__(self, drone, *options):
        self.child = drone.links[len(drone.links)] = subprocess.Popen(
            [drone.programs / "droneagent", "mavlink", "--listen", "127.0.0.1:0", "--json", "--record",
             drone.run / "flight.ulg", *map(str, drone.places), *options], stdout=subprocess.PIPE)
        self.port = json.loads(self.child.stdout.readline())["port"]

    def end(self):
        self.child.terminate()
        assert self.child.wait(10) == 0, f"droneagent mavlink ended with {self.child.returncode}"


def check_tables():
    """What generate.py computed, against what pymavlink's generator did."""
    pattern = r'id: (\d+), name: "(\w+)", crcExtra: (\d+), base: (\d+), length: (\d+)'
    found = re.findall(pattern, (REPOSITORY / "Sources/MAVLink/Wire/Dialect.swift").read_text())
    assert len(found) >= 20, found
    for number, name, extra, _, length in found:
        theirs = mavlink.mavlink_map[int(number)]
        mine = (name, int(extra), int(length))
        assert mine == (theirs.msgname, theirs.crc_extra, theirs.unpacker.size), (mine, theirs.msgname, theirs.crc_extra)
    say(f"  {len(found)} messages: numbers, lengths and CRC_EXTRA are pymavlink's")


def telemetry_only(drone):
    link = Link(drone)
    station = Station(link.port)
    wait("a heartbeat", 5, lambda: station.last("HEARTBEAT"))
    beat = station.last("HEARTBEAT")
    assert (beat.type, beat.autopilot, beat.get_srcSystem(), beat.get_srcComponent()) == (2, 0, 1, 1), beat
    assert station.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_DENIED
    station.end()
    link.end()
    say("  without --accept-commands arming is denied")


def signed(drone):
    key = drone.run / "key"
    key.write_text(KEY.hex() + "\n")
    key.chmod(0o600)
    link = Link(drone, "--accept-commands", "--key", str(key))
    station = Station(link.port, KEY)
    wait("a signed heartbeat", 5, lambda: station.last("HEARTBEAT") and station.last("HEARTBEAT").get_signed())
    assert station.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 148) == mavlink.MAV_RESULT_ACCEPTED
    stranger = Station(link.port)
    assert stranger.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1, seconds=2) is None
    assert not stranger.came, "who does not sign is told something"
    liar = Station(link.port, bytes(32))
    assert liar.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1, seconds=2) is None
    for one in (station, stranger, liar):
        one.end()
    link.end()
    say("  signed: pymavlink believes the vehicle, the vehicle hears only who signs with the key")


def strike(port, seconds):
    """Datagrams that are none: noise, cut frames, frames with wrong bytes, messages of other dialects."""
    noise = random.Random(1)
    good = mavlink.MAVLink(None, srcSystem=254, srcComponent=1)
    frames = [bytearray(mavlink.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3).pack(good)),
              bytearray(mavlink.MAVLink_command_long_message(1, 1, 400, 0, 0, 21196, 0, 0, 0, 0, 0).pack(good)),
              bytearray(mavlink.MAVLink_manual_control_message(1, 0, 0, 0, 0, 0).pack(good))]
    sent, end = 0, time.monotonic() + seconds
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        while time.monotonic() < end:
            frame = bytearray(noise.choice(frames))
            kind = noise.randrange(4)
            if kind == 0:
                frame = bytearray(noise.randbytes(noise.randrange(0, 1500)))
            elif kind == 1:
                frame = frame[:noise.randrange(len(frame))]
            elif kind == 2:
                frame[noise.randrange(len(frame))] ^= 1 << noise.randrange(8)
            else:
                frame[7:10] = noise.randbytes(3)
            wire.sendto(frame, ("127.0.0.1", port))
            sent += 1
            time.sleep(0.0005)
    return sent


def first_flight(drone, link):
    """Arm, take off, update, land; noise on the line all the while."""
    station = Station(link.port)
    wait("telemetry", 5, lambda: all(station.last(kind) for kind in (
        "HEARTBEAT", "SYS_STATUS", "ATTITUDE", "VFR_HUD", "ALTITUDE", "BATTERY_STATUS", "EXTENDED_SYS_STATE")))
    assert 9000 < station.last("SYS_STATUS").voltage_battery < 13000
    station.arm()
    # Below 4 m no update begins.
    station.rise(6)
    wait("motors in the telemetry", 5, lambda: station.last("SERVO_OUTPUT_RAW"))
    servo = station.last("SERVO_OUTPUT_RAW")
    assert all(1000 < value < 2000 for value in (servo.servo1_raw, servo.servo2_raw, servo.servo3_raw, servo.servo4_raw))
    height = drone.height()
    assert height > 3, f"the true vehicle is at {height} m"
    say(f"  armed and took off: the true vehicle is at {height:.1f} m, {station.last('ALTITUDE').altitude_relative:.1f} m by ALTITUDE")
    sent = strike(link.port, 3)
    assert station.mode == FLY and drone.height() > 3
    say(f"  {sent} malformed datagrams: it flies on")
    phases = update(drone, station)
    assert station.mode == FLY and drone.height() > 3
    told = [text.removeprefix("Update: ") for text in station.told() if text.startswith("Update: ")]
    assert told == phases, f"told {told}, went through {phases}"
    say(f"  update in the air: STATUSTEXT told all {len(told)} phases, {'; '.join(told)}")
    attitude = [when for when, _ in station.came["ATTITUDE"]]
    say(f"  {len(attitude)} ATTITUDE, largest pause {max(b - a for a, b in zip(attitude, attitude[1:])):.2f} s")
    assert station.command(mavlink.MAV_CMD_NAV_LAND) == mavlink.MAV_RESULT_ACCEPTED
    wait("the landing", 60, lambda: station.mode == DISARMED and not station.is_armed)
    assert abs(drone.height()) < 0.3
    say("  landed and disarmed")
    station.end()


def update(drone, station):
    """Its phases in order."""
    if not drone.engine:
        drone.played.play()
        wait("the update's end to be told", 5, lambda: any("Update ended" in text for text in station.told()))
        return PHASES
    out = drone.do("droneagent", "update", "v2", "--wait", "20", "--json", *drone.places)
    (drone.out / "update.log").write_text(out)
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[-1]["outcome"] == "updated", lines[-1]
    wait("the update's end to be told", 5, lambda: any("Update ended" in text for text in station.told()))
    status = json.loads(drone.do("droneagent", "status", "--json", *drone.places).splitlines()[-1])["status"]
    named = {line["phase"] for line in lines if line.get("phase")}
    phases = [step["phase"] for step in status["ended"]["steps"]]
    assert named - {"idle"} <= set(phases), (named, phases)
    assert any("owns the motors" in text for text in station.told()), station.told()
    return phases


def second_flight(drone, link):
    """By the sticks; when their frames stop the core lands."""
    station = Station(link.port)
    station.arm()
    station.rise(3)

    def fly(seconds, x=0, y=0, z=500, r=0):
        for _ in range(int(seconds * 25)):
            station.send("manual_control", 1, x, y, z, r, 0)
            time.sleep(0.04)

    fly(1.0, y=300)
    rolls = [message.roll for when, message in station.came["ATTITUDE"] if when > time.monotonic() - 0.5]
    assert max(rolls) > 0.1, f"a stick to the right rolls to {max(rolls)} rad"
    fly(1.0, x=300)
    pitches = [message.pitch for when, message in station.came["ATTITUDE"] if when > time.monotonic() - 0.5]
    assert min(pitches) < -0.1, f"a stick forward pitches to {min(pitches)} rad"
    before = drone.height()
    fly(2.0, z=900)
    after = drone.height()
    assert after > before + 0.5, f"thrust climbs from {before} to {after} m"
    say(f"  by MANUAL_CONTROL: rolled to {max(rolls):.2f} rad, pitched to {min(pitches):.2f} rad, climbed from {before:.1f} to {after:.1f} m")
    began = time.monotonic()
    wait("the core to land", 5, lambda: station.mode == LAND)
    say(f"  the frames stop, heartbeats go on: the core lands, told {time.monotonic() - began:.1f} s later")
    wait("the landing", 60, lambda: station.mode == DISARMED)
    station.end()


def third_flight(drone, link):
    """A station that armed and goes away: the core lands."""
    station = Station(link.port)
    station.arm()
    station.rise(2)
    station.beats = False
    began = time.monotonic()
    # It still listens, and what it is told needs no answer for ten seconds.
    wait("the core to land", 9, lambda: station.mode == LAND)
    say(f"  the heartbeats stop: the core lands, told {time.monotonic() - began:.1f} s later")
    station.beats = True
    wait("the landing", 60, lambda: station.mode == DISARMED)
    station.end()


def killed(drone, link):
    """Without the program that spoke for the pilot the core lands. Gives the next one."""
    station = Station(link.port)
    station.arm()
    station.rise(2)
    station.end()
    link.child.kill()
    link.child.wait(10)
    successor = Link(drone, "--accept-commands")
    station = Station(successor.port)
    wait("the core to land", 5, lambda: station.mode == LAND)
    wait("the landing", 60, lambda: station.mode == DISARMED)
    assert abs(drone.height()) < 0.3
    station.end()
    say("  droneagent mavlink is killed in flight: the core lands, and the next one tells of it")
    return successor


def sdk_flight(drone, port):
    """The same from MAVSDK, as its users write it."""
    from mavsdk import ComponentType, Configuration, ConnectionResult, Mavsdk
    from mavsdk.plugins.action import Action
    from mavsdk.plugins.telemetry import LandedState, Telemetry

    sdk = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
    assert sdk.add_any_connection(f"udpout://127.0.0.1:{port}") == ConnectionResult.SUCCESS
    system = sdk.first_autopilot(10.0)
    assert system, "MAVSDK finds no autopilot"
    action, telemetry = Action(system), Telemetry(system)

    def arms():
        """A vehicle that has just landed measures its gyroscope's bias first."""
        try:
            action.arm()
            return True
        except Exception as refusal:
            say(f"  MAVSDK: {refusal}")
            time.sleep(1)

    wait("MAVSDK to arm", 40, arms)
    wait("MAVSDK to see that it is armed", 5, telemetry.armed)
    _, records = drone.highest(0)
    action.set_takeoff_altitude(3)
    action.takeoff()
    wait("MAVSDK to see that it is in the air", 30, lambda: telemetry.landed_state() == LandedState.IN_AIR)
    wait("the height", 10, lambda: drone.height() > 2)
    say(f"  MAVSDK {sdk.version()} armed and took off: the true vehicle is at {drone.height():.1f} m")
    action.land()
    wait("MAVSDK to see that it is disarmed", 60, lambda: not telemetry.armed())
    highest, _ = drone.highest(records)
    assert abs(drone.height()) < 0.3
    say(f"  MAVSDK landed it; it had risen to {highest:.1f} m")
    sdk.destroy()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("programs", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--engine")
    options.add_argument("--registry")
    options.add_argument("--without-sdk", help="why MAVSDK is left out")
    options = options.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    check_tables()
    drone = Drone(options.programs.absolute(), options.out.absolute(), options.engine, options.registry)
    try:
        drone.begin()
        telemetry_only(drone)
        signed(drone)
        link = Link(drone, "--accept-commands")
        first_flight(drone, link)
        second_flight(drone, link)
        third_flight(drone, link)
        link = killed(drone, link)
        if options.without_sdk:
            say(f"  MAVSDK flew nothing: {options.without_sdk}")
        else:
            sdk_flight(drone, link.port)
        link.end()
        for name, child in drone.children.items():
            assert child.poll() is None, f"{name} ended with {child.returncode}"
        say("ground stations: all holds")
    finally:
        drone.end()


if __name__ == "__main__":
    main()
