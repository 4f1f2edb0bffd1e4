#!/usr/bin/env python3
"""Opens the console in a real browser: `browser.py DRONEAGENT OUT` writes a screenshot of each step into OUT.

Plays flight core, flight log and agent for a real `droneagent console`, as Sources/Manual/wire-contract.md has them, and
drives Chromium with Playwright: curves move, an update goes through its phases, a reload in the middle forgets nothing,
phone width, dark, less motion, keyboard, a second page without a token; promtool reads its metrics. Exits 0 when all holds.
"""
import json
import math
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

HEADER, INSTANCE = struct.Struct("<HBBI"), struct.Struct("<32s7Qff4fiBBBB")
STATUS = struct.Struct("<14Q8fII8B")
OWNER, SHADOW, FLY, RATE = 3, 2, 3, 500
PHASES = ["pulling", "verifying", "starting", "planning", "rehearsing", "syncing", "shadowing", "switching", "probation", "committing"]
PLAN = {
    "channels": [{"name": "controller.rate", "kind": "replicate", "schema": "1 to 2", "bytes": 64}],
    "state_bytes": 64, "pull_bytes": 2400000, "seconds": 4.5, "rehearsal_s": 1.0, "sync_s": 0.1, "shadow_s": 2.0,
    "notes": ["The channel wind is left behind."],
}


class Flight:
    """What core, log and agent agree on."""

    def __init__(self, folder):
        self.folder, self.start = folder, time.monotonic()
        self.owner, self.epoch, self.switch_tick, self.candidate = "flight-1", 7, 1, None
        self.phase, self.is_called_off = None, False

    def tick(self):
        return int((time.monotonic() - self.start) * RATE) + 1

    def attitude(self):
        t = time.monotonic() - self.start
        return 0.3 * math.sin(t), 0.15 * math.sin(0.7 * t)

    def status(self):
        roll, pitch = self.attitude()
        t = self.tick()
        flat = STATUS.pack(
            t, time.monotonic_ns(), self.epoch, self.epoch + 16, self.switch_tick, 0, 1, 0, 2, 0, 0, 0, 0, 0,
            max(abs(roll), abs(pitch)), roll, pitch, 4 + math.sin(t / 2000), math.cos(t / 2000), 0.2, 11.7, 0.4, RATE, 0,
            FLY, 1, 0, 0, 0, 0, 1, 0)
        slots = [(self.owner, OWNER)] + ([(self.candidate, SHADOW)] if self.candidate else [])
        for name, role in slots:
            distance = 0.04 if role == SHADOW else 0.0
            flat += INSTANCE.pack(name.encode(), t, t, 1, t, 1, 0, 0, distance, 1.0, 1, 1, 1, 1, 4711, role, 1, 15, 0)
        return flat + bytes(INSTANCE.size * (4 - len(slots)))

    def serve_core(self):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(f"{self.folder}/core.sock")
        listener.listen(4)
        while True:
            threading.Thread(target=self.answer_core, args=(listener.accept()[0],), daemon=True).start()

    def answer_core(self, connection):
        while connection.recv(1024):
            body = struct.pack("<II256s", 0, 0, b"Done.") + self.status()
            try:
                connection.send(HEADER.pack(0xDA9E, 1, 17, HEADER.size + len(body)) + body)
            except BrokenPipeError:  # The console has ended.
                return

    def write_log(self):
        def message(kind, body):
            return struct.pack("<HB", len(body), ord(kind)) + body

        topics = {"vehicle_attitude": "float[4] q", "vehicle_angular_velocity": "float[3] xyz",
                  "actuator_motors": "float[4] control", "ownership": "uint64_t tick;uint64_t written_us"}
        with open(f"{self.folder}/flight.ulg", "wb", buffering=0) as log:
            log.write(b"ULog\x01\x12\x35\x01" + bytes(8))
            for name, fields in topics.items():
                log.write(message("F", f"{name}:uint64_t timestamp;{fields};".encode()))
            for number, name in enumerate(topics):
                log.write(message("A", struct.pack("<BH", 0, number) + name.encode()))
            while True:
                now = time.monotonic_ns() // 1000
                roll, pitch = self.attitude()
                half = [(math.cos(a / 2), math.sin(a / 2)) for a in (roll, pitch)]
                q = (half[0][0] * half[1][0], half[0][1] * half[1][0], half[0][0] * half[1][1], -half[0][1] * half[1][1])
                motors = [0.5 + 0.1 * math.sin(now / 1e6 + k) for k in range(4)]
                for number, body in enumerate([
                    struct.pack("<4f", *q), struct.pack("<3f", roll, pitch, 0.1), struct.pack("<4f", *motors),
                    struct.pack("<2Q", self.tick(), now),
                ]):
                    log.write(message("D", struct.pack("<HQ", number, now) + body))
                time.sleep(0.02)

    def serve_agent(self):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(f"{self.folder}/agent.sock")
        listener.listen(8)
        while True:
            threading.Thread(target=self.answer_agent, args=(listener.accept()[0],), daemon=True).start()

    def answer_agent(self, connection):
        request = json.loads(connection.makefile().readline())

        def say(line):
            connection.sendall(json.dumps(line).encode() + b"\n")

        if request["verb"] == "status":
            names = [self.owner] + ([self.candidate] if self.candidate else [])
            status = {"engine": "1.41", "committed": "flight:v1", "instances": [
                {"name": name, "role": "owner" if name == self.owner else "candidate", "image": "localhost:5000/flight:v1",
                 "manifest": "sha256:" + "5e" * 32, "container": "running"} for name in names]}
            if self.phase:
                status["phase"] = self.phase
            say({"line": "result", "outcome": "done", "text": "Status of the drone.", "status": status})
        elif request["verb"] == "rollback":
            self.is_called_off = True
            say({"line": "result", "outcome": "done", "text": "The update is called off; its own command says how it ends."})
        elif request["reference"] == "bad":
            say({"line": "result", "outcome": "refused", "text": "There is no image 'bad' in the registry."})
        elif request.get("dry_run"):
            say({"line": "progress", "phase": "planning", "text": "One channel.", "plan": PLAN})
            say({"line": "result", "outcome": "done", "text": "The plan stands; nothing was changed."})
        else:
            self.update(say)
        connection.close()

    def update(self, say):
        self.is_called_off, self.candidate = False, "flight-2"
        for phase in PHASES:
            self.phase = phase
            line = {"line": "progress", "phase": phase, "text": f"The phase {phase} is under way."}
            if phase == "planning":
                line["plan"] = PLAN
            if phase == "probation":
                self.owner, self.candidate, self.epoch, self.switch_tick = "flight-2", "flight-1", self.epoch + 1, self.tick()
            for part in range(1, 4):
                say({**line, "done": part, "total": 3, "unit": "ticks"})
                time.sleep(0.4)
                if self.is_called_off:
                    self.phase = self.candidate = None
                    say({"line": "result", "outcome": "refused", "text": "The update was called off; the flight is as it was."})
                    return
        self.phase = self.candidate = None
        say({"line": "result", "outcome": "updated", "text": "The new version flies."})


def steps(page):
    return page.locator("#timeline .steps li > span:first-child").all_inner_texts()


def walk(page, url, out):
    page.goto(url)
    expect(page.locator("#connection")).to_have_text("Live.")
    assert "token" not in page.url, "the token stays in the address"
    expect(page.locator("#charts figure")).to_have_count(6)
    expect(page.locator("#tiles")).to_contain_text("flight-1, epoch 7")
    motor = page.locator("#values tr", has_text="motor 1").locator("td").first
    first = motor.inner_text()
    expect(motor).not_to_have_text(first)
    canvas = "document.querySelector('#charts canvas').toDataURL()"
    before = page.evaluate(canvas)
    page.wait_for_function(f"before => {canvas} !== before", arg=before)
    page.screenshot(path=out / "1-flight.png", full_page=True)

    page.fill("#reference", "bad")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_text("There is no image 'bad' in the registry.")

    page.fill("#reference", "v2")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm")).to_contain_text("controller.rate")
    page.screenshot(path=out / "2-plan.png")
    page.keyboard.press("Escape")
    expect(page.locator("#confirm")).to_be_hidden()
    expect(page.locator("#timeline")).to_contain_text("No update")
    page.click("#update")
    page.click("#confirm-yes")
    expect(page.locator("#timeline .is-now")).to_contain_text("rehearsing")
    page.reload()
    expect(page.locator("#timeline .is-now")).to_contain_text("shadowing")
    assert steps(page)[:5] == PHASES[:5], steps(page)
    page.screenshot(path=out / "3-shadow.png", full_page=True)
    expect(page.locator("#tiles")).to_contain_text("flight-2, epoch 8")
    expect(page.locator("#log")).to_contain_text("flight-2 owns the motors (epoch 8).")
    expect(page.locator("#timeline")).to_contain_text("The new version flies.")
    assert steps(page) == PHASES, steps(page)
    page.screenshot(path=out / "4-updated.png", full_page=True)

    page.fill("#reference", "v3")
    page.click("#update")
    page.click("#confirm-yes")
    expect(page.locator("#timeline .is-now")).to_contain_text("verifying")
    page.click("#rollback")
    page.click("#confirm-yes")
    expect(page.locator("#timeline")).to_contain_text("called off; the flight is as it was")

    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    time.sleep(1.5)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360, f"the page is {wide} pixels wide on a phone"
    page.screenshot(path=out / "5-phone.png", full_page=True)


def stranger(page, url):
    """Another page, without a token: it sees the flight and changes nothing."""
    page.goto(url.split("#")[0])
    expect(page.locator("#tiles")).to_contain_text("flight-2")
    page.fill("#reference", "v4")
    page.click("#update")
    expect(page.locator("#answer")).to_contain_text("The token is wrong")


def check_names(page):
    """Each field and button that is seen has a name, each picture a text."""
    nameless = page.evaluate("""() => [...document.querySelectorAll('button, input, select, [role=img], [role=region]')]
        .filter(node => node.checkVisibility() && !(node.textContent.trim() || node.labels?.length || node.getAttribute('aria-label')
            || node.getAttribute('aria-labelledby'))).map(node => node.outerHTML)""")
    assert not nameless, nameless


def check_metrics(url):
    """What Prometheus' own tool says of what it would scrape."""
    metrics = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url + "metrics", timeout=10).read()
    assert b"\ndroneagent_altitude_meters " in metrics, metrics
    said = subprocess.run(["promtool", "check", "metrics"], input=metrics, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
    assert said.returncode == 0 and not said.stdout.strip(), said.stdout.decode()


def main(droneagent, out):
    out.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="console-")
    flight = Flight(folder)
    for work in (flight.serve_core, flight.write_log, flight.serve_agent):
        threading.Thread(target=work, daemon=True).start()
    console = subprocess.Popen(
        [
            droneagent, "console", "--port", "0", "--json", "--run", folder, "--state", folder, "--record",
            f"{folder}/flight.ulg"
        ],
        stdout=subprocess.PIPE)
    try:
        place = json.loads(console.stdout.readline())
        url = f"{place['url']}#token={place['token']}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            expect.set_options(timeout=20_000)
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page, faults = context.new_page(), []
            page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
            page.on("pageerror", lambda error: faults.append(str(error)))
            walk(page, url, out)
            check_names(page)
            check_metrics(place["url"])
            assert not faults, faults
            stranger(browser.new_context().new_page(), url)
            browser.close()
        print(f"the console in a browser: all holds, pictures in {out}")
    finally:
        console.terminate()
        code = console.wait(10)
        shutil.rmtree(folder)
    assert code == 0, f"droneagent console ended with {code}"


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), Path(sys.argv[2]))
