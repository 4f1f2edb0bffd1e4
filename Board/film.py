#!/usr/bin/env python3
"""Watches a real flight's page in a real browser: `film.py FLIGHT` beside `flightbench fly --console --out FLIGHT`.

Waits for the address in FLIGHT/console.log, opens it in Chromium and follows the first update, which another command has
asked for. Writes FLIGHT/page/*.png. Exits 0 if the curves moved, each phase and the plan were shown, the new version's
camera appeared and its picture changed, and the browser had nothing to complain of.
"""
import re
import shutil
import sys
import time
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

# s: building is over when this begins; containers come up within some ten.
START_MAX, PHASE_MAX = 120, 90
PHASES = ["pulling", "verifying", "starting", "planning", "rehearsing", "syncing", "shadowing", "ready", "switching", "probation", "committing"]


def address(log):
    for _ in range(START_MAX * 10):
        found = re.search(r"http://\S+#token=\S+", log.read_text()) if log.exists() else None
        if found:
            return found.group()
        time.sleep(0.1)
    sys.exit(f"{log} has no address within {START_MAX} s; was 'flightbench fly' told --console?")


def watch(page, out):
    expect(page.locator("#connection")).to_have_text("Live.")
    expect(page.locator("#charts figure")).to_have_count(6)
    now = page.locator("#timeline .is-now")
    expect(now).to_contain_text("shadowing")
    curves = "document.querySelector('#charts canvas').toDataURL()"
    before = page.evaluate(curves)
    page.wait_for_function(f"before => {curves} !== before", arg=before)
    page.screenshot(path=out / "shadow.png")
    expect(now).to_contain_text("probation")
    expect(page.locator("#log")).to_contain_text("flight-2 owns the motors")
    # The mark of the switch has moved into the curves.
    time.sleep(3)
    page.screenshot(path=out / "switch.png")
    page.screenshot(path=out / "whole.png", full_page=True)
    steps = page.locator("#timeline .steps li > span:first-child").all_inner_texts()
    expected = [phase for phase in PHASES if phase in steps or phase not in ("ready", "switching", "committing")]
    assert steps[: len(expected)] == expected[: len(steps)] and "probation" in steps, f"phases on the page: {steps}"
    expect(page.locator("#timeline")).to_contain_text("channel")
    assert not page.locator("#picture").is_visible(), "version 1 has no camera"
    expect(page.locator("#timeline .is-now")).to_have_count(0)
    # Version 2 brings its camera's picture.
    expect(page.locator("#picture")).to_be_visible()
    expect(page.locator("#camera-state")).to_contain_text("Live")
    shot = page.locator("#picture").screenshot()
    for _ in range(50):
        if page.locator("#picture").screenshot() != shot:
            break
        time.sleep(0.1)
    else:
        sys.exit("the camera's picture stands still")
    page.screenshot(path=out / "camera.png")
    page.screenshot(path=out / "updated.png", full_page=True)


def main(flight):
    out = flight / "page"
    out.mkdir(parents=True, exist_ok=True)
    url = address(flight / "console.log")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        expect.set_options(timeout=PHASE_MAX * 1000)
        page, faults = browser.new_page(viewport={"width": 1280, "height": 1000}), []
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(url)
        watch(page, out)
        browser.close()
    # When the flight is over its console ends, which a browser calls an error; until here it flew.
    assert not faults, faults
    print(f"the console's page in a real flight: all holds, pictures in {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
