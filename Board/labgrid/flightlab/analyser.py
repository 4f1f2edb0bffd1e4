"""A logic analyser at the drone's wires, beside whatever flies; judged here by `flightbench verdict --sigrok`."""
import contextlib
import subprocess
from pathlib import Path

import attr
from labgrid import step, target_factory
from labgrid.driver import Driver
from labgrid.resource.remote import NetworkSigrokUSBDevice
from labgrid.resource.sigrok import SigrokDevice
from labgrid.resource.udev import SigrokUSBDevice
from labgrid.util.ssh import sshmanager

from .fault import PlaceError, last_words
from .report import Report

CHECKOUT = Path(__file__).parents[3]
# s: an analyser whose firmware is loaded first; reading a capture of a minute.
START_MAX, VERDICT_MAX = 30, 900
SECONDS_LIMIT = 600


@target_factory.reg_driver
@attr.s(eq=False)
class AnalyserDriver(Driver):
    """Captures by sigrok-cli, on the machine that the analyser is plugged into.

    Args:
        board (str): board file of the drone, from the environment file's folder on
        samplerate (str): sigrok's; ten times the bus clock or faster
        reports (str): for the capture and its verdict, from the environment file's folder on
    """

    bindings = {"sigrok": {SigrokUSBDevice, NetworkSigrokUSBDevice, SigrokDevice}}
    board = attr.ib(validator=attr.validators.instance_of(str))
    samplerate = attr.ib(default="8m", validator=attr.validators.instance_of(str))
    reports = attr.ib(default="flight/labgrid", validator=attr.validators.instance_of(str))

    @Driver.check_active
    @contextlib.contextmanager
    def watching(self, seconds):
        """Captures for so long, from now on, and at least until the block ends; `verdict` judges it."""
        if isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= SECONDS_LIMIT:
            raise PlaceError(f"seconds is {seconds!r}; give a whole number from 1 to {SECONDS_LIMIT}.")
        self._capture.parent.mkdir(parents=True, exist_ok=True)
        self._capture.unlink(missing_ok=True)
        # What is behind a command prefix is another machine.
        prefix = self.sigrok.command_prefix
        file = "/tmp/flightlab.sr" if prefix else str(self._capture)
        words = ["sigrok-cli", "-d", self._device, "--config", f"samplerate={self.samplerate}", "--time", str(seconds * 1000), "-o", file]
        if self.sigrok.channels:
            words += ["-C", self.sigrok.channels]
        try:
            process = subprocess.Popen([*prefix, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except FileNotFoundError as error:
            raise PlaceError(f"There is no {error.filename} on this machine; install sigrok-cli.") from error
        try:
            yield
            said, _ = process.communicate(timeout=seconds + START_MAX)
        except subprocess.TimeoutExpired as error:
            raise PlaceError(f"The analyser {self._device} did not end its capture within {seconds + START_MAX} s.") from error
        finally:
            process.kill()
            process.wait()
        if process.returncode != 0:
            raise PlaceError(f"The analyser {self._device} captured nothing: {last_words(said.decode(errors='replace').splitlines())}")
        if prefix:
            sshmanager.get_file(self.sigrok.host, file, str(self._capture))

    @Driver.check_active
    @step()
    def verdict(self):
        """A case for each of ticks, gaps and pulses."""
        results = self._capture.with_suffix(".xml")
        results.unlink(missing_ok=True)
        board = self.target.env.config.resolve_path(self.board)
        done = subprocess.run(
            [CHECKOUT / ".build/release/flightbench", "verdict", "--sigrok", self._capture, "--board", board, "--junit", results],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=VERDICT_MAX, check=False)
        if done.returncode not in (0, 1) or not results.exists():
            raise PlaceError(f"The capture {self._capture} cannot be judged: {last_words((done.stdout + done.stderr).splitlines())}")
        return Report.read(results)

    @property
    def _capture(self):
        return Path(self.target.env.config.resolve_path(self.reports)) / "capture.sr"

    @property
    def _device(self):
        if isinstance(self.sigrok, SigrokDevice):
            return self.sigrok.driver
        return f"{self.sigrok.driver}:conn={self.sigrok.busnum}.{self.sigrok.devnum}"
