"""The scenarios of a flight, the same at each place."""
import json
import os
import shutil
import time
from pathlib import Path

import attr
from labgrid import step, target_factory
from labgrid.driver import Driver
from labgrid.driver.exception import ExecutionError
from labgrid.protocol import CommandProtocol, FileTransferProtocol

from . import packages
from .fault import PlaceError, begin
from .report import Case, Report
from .runner import Runner

# s at the place. The steps over lines and chips take half a minute, a flight some 40 s beside its manoeuvres and updates.
DEVICES_MAX, FLIGHT_MAX, FLIGHT_UPDATE_MAX = 300, 240, 60
# An update may pull its image over a radio.
DOCTOR_MAX, UPDATE_MAX = 120, 600
# One whose machine stalled too often to judge it is flown once more, as by Board/bench fly.
FLIGHTS_MAX = 2
SECONDS_LIMIT, UPDATES_LIMIT = 3600, 50
# Exit codes that come with results: all holds, something does not; and of `fly`: the machine stalled too often to judge.
HOLDS, FAILS, INCONCLUSIVE = 0, 1, 3


def _text(default):
    return attr.ib(default=default, validator=attr.validators.instance_of(str))


def _flag():
    return attr.ib(default=False, validator=attr.validators.instance_of(bool))


@target_factory.reg_driver
@attr.s(eq=False)
class FlightDriver(Driver):
    """Runs our programs at a place by its CommandProtocol, fetches what they write by its FileTransferProtocol.

    Args:
        programs (str): folder of flightbench, droneagent and flightcore at the place
        board (str): board file of the simulated vehicle there, for `devices` and `fly`
        drone (str): board file of the drone itself, for `doctor`; else the one that its core uses
        adapter (bool): the simulated vehicle is behind the kernel's own devices
        emulated (bool): the place is an emulated machine, whose times are no verdict
        camera (str): V4L2 device there; none if not given
        engine (str): socket of the container engine there
        registry (str): host:port of the registry, as the place reaches it, with flight:v1 and flight:v2
        architecture (str): Debian's name of what the place must be; not looked at if not given
        prefix (str): words before each command, such as 'sudo -n'
        folder (str): for reports at the place; what is in it is removed
        reports (str): for reports here, from the environment file's folder on
        pace (float): seconds of ours that a second at the place may take
    """

    bindings = {"command": CommandProtocol, "files": FileTransferProtocol}

    programs = _text("/usr/lib/droneagent-bench")
    board = _text("/usr/share/droneagent-bench/bench.yaml")
    drone = _text("")
    adapter = _flag()
    emulated = _flag()
    camera = _text("")
    engine = _text("/run/docker.sock")
    registry = _text("")
    architecture = _text("")
    prefix = _text("")
    folder = _text("/run/droneagent-lab")
    reports = _text("flight/labgrid")
    pace = attr.ib(default=1.0, converter=float, validator=attr.validators.ge(0.01))

    @property
    def place(self):
        service = getattr(self.command, "networkservice", None)
        return f"the place {self.target.name}" + (f" ({service.address}:{service.port})" if service else "")

    @property
    def kept(self):
        """Where reports are kept here."""
        env = self.target.env
        return Path(os.path.normpath(env.config.resolve_path(self.reports) if env else self.reports))

    # MARK: Scenarios

    @Driver.check_active
    @step()
    def devices(self):
        """Lines and chips, step by step; with a killed core."""
        words = [*self._vehicle, *(["--camera", self.camera] if self.camera else [])]
        return self._scenario("devices", "devices.xml", words, DEVICES_MAX, {HOLDS, FAILS})

    @Driver.check_active
    @step(args=["updates", "seconds"])
    def fly(self, updates=1, seconds=15):
        """One flight of the simulated vehicle with `updates` updates in `seconds` of manoeuvres (an update takes some 13)."""
        _within("updates", updates, 0, UPDATES_LIMIT)
        _within("seconds", seconds, 1, SECONDS_LIMIT)
        words = [*self._vehicle, "--seconds", str(seconds), "--updates", str(updates), "--update-at", "1"]
        if updates:
            if not (self.engine and self.registry):
                raise PlaceError(
                    f"{begin(self.place)} has no engine or no registry for an update; name both in its environment file, or fly with updates=0.")
            words += ["--engine", self.engine, "--registry", self.registry]
        if self.emulated:
            words.append("--emulated")
        if self.camera:
            words += ["--camera-device", self.camera]
        limit = FLIGHT_MAX + seconds + FLIGHT_UPDATE_MAX * updates
        for _ in range(FLIGHTS_MAX):
            report = self._scenario("fly", "flight.xml", words, limit, {HOLDS, FAILS, INCONCLUSIVE})
            if not report.is_inconclusive:
                break
        return report

    @Driver.check_active
    @step()
    def doctor(self):
        """A case for each finding about board and machine; a warning passes, with its sentence."""
        words = [f"{self.programs}/droneagent", "doctor", "--json", "--engine", f"unix://{self.engine}"]
        if self.drone:
            words += ["--board", self.drone]
        said = self._runner.run(words, DOCTOR_MAX)
        findings = _objects(said.out, "state", "subject", "sentence")
        if said.code not in (0, 2) or not findings:
            raise PlaceError(f"'droneagent doctor' ended with {said.code} at {self.place}: {said.last_words}")
        return self._keep(Report("doctor", tuple(
            Case(each["subject"], "failed" if each["state"] == "fault" else "passed", each["sentence"])
            for each in findings)))

    @Driver.check_active
    @step(args=["reference"])
    def update(self, reference):
        """The drone itself is updated to this image, by the agent that runs there."""
        if not isinstance(reference, str) or not reference or reference.startswith("-") or not reference.isprintable() or " " in reference:
            raise PlaceError(f"{reference!r} names no image; give a tag, a digest or host:port/repository:tag.")
        began = time.monotonic()
        said = self._runner.run([f"{self.programs}/droneagent", "update", reference, "--json"], UPDATE_MAX)
        results = [each for each in _objects(said.out, "outcome", "text") if each.get("line") == "result"]
        if not results:
            raise PlaceError(f"'droneagent update' ended with {said.code} at {self.place}: {said.last_words}")
        good = said.code == HOLDS and results[-1]["outcome"] in ("updated", "done")
        return self._keep(Report("update", (Case(
            f"update to {reference}", "passed" if good else "failed", results[-1]["text"],
            round(time.monotonic() - began, 2)),)))

    @Driver.check_active
    @step(args=["patterns"])
    def install(self, patterns):
        """Packages, by paths here that may have wildcards, are copied there and installed."""
        found = packages.find(patterns)
        try:
            cases = packages.install(found, self._runner, self.files, f"{self.folder}/packages")
        except ExecutionError as error:
            raise PlaceError(f"The packages could not be copied to {self.place}: {error.msg}") from error
        return self._keep(Report("install", cases))

    # MARK: The place

    @Driver.check_active
    def check_architecture(self):
        """The programs that are meant for it run there."""
        if not self.architecture:
            return
        real = self._runner.ask(["dpkg", "--print-architecture"])
        if real != self.architecture:
            raise PlaceError(f"{begin(self.place)} is {real}, and its environment file says {self.architecture}; correct the one that is wrong.")

    @Driver.check_active
    def settle(self):
        """What was written reaches the disk, before the power goes."""
        self._runner.ask(["sync"], 60)

    # MARK: Parts

    @property
    def _runner(self):
        return Runner(self.place, self.command, tuple(self.prefix.split()), self.pace)

    @property
    def _vehicle(self):
        return ["--board", self.board, *(["--adapter"] if self.adapter else [])]

    def _scenario(self, name, results, words, limit, codes):
        runner, folder = self._runner, f"{self.folder}/{name}"
        runner.ask(["rm", "-rf", folder])
        runner.ask(["mkdir", "-p", folder])
        said = runner.run([f"{self.programs}/flightbench", name, *words, "--out", folder], limit)
        kept = self._fetch(name)
        (kept / "said").write_text("\n".join([*said.out, *said.err, ""]))
        # An exit code that promises no results: its own words are better than whatever was left.
        if said.code not in codes or not (kept / results).exists():
            raise PlaceError(f"'flightbench {name}' ended with {said.code} at {self.place} and has no results: {said.last_words}")
        report = Report.read(kept / results)
        if report.holds != (said.code == HOLDS):
            raise PlaceError(f"'flightbench {name}' ended with {said.code}, and {kept / results} says otherwise.")
        return report

    def _fetch(self, name):
        """The folder of this scenario; what lay here before is gone."""
        kept = self.kept / name
        shutil.rmtree(kept, ignore_errors=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if self.prefix:
            self._runner.ask(["chmod", "-R", "a+rX", f"{self.folder}/{name}"])
        try:
            self.files.get(f"{self.folder}/{name}", str(kept.parent))
        except ExecutionError as error:
            raise PlaceError(f"The reports {self.folder}/{name} could not be fetched from {self.place}: {error.msg}") from error
        return kept

    def _keep(self, report):
        report.write(self.kept / f"{report.name}.xml")
        return report


def _within(name, value, least, most):
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise PlaceError(f"{name} is {value!r}; give a whole number from {least} to {most}.")


def _objects(lines, *keys):
    """Of lines that are JSON objects those that have all these keys, as text."""
    found = []
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and all(isinstance(value.get(key), str) for key in keys):
            found.append(value)
    return found
