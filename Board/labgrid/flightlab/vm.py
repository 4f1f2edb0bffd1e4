"""The board VM as a place: powered by the bench, reached by SSH as a Raspberry Pi is."""
import os
import re
import socket
import subprocess
import time
from pathlib import Path

import attr
from labgrid import step, target_factory
from labgrid.driver import Driver
from labgrid.driver.powerdriver import PowerResetMixin
from labgrid.protocol import PowerProtocol
from labgrid.util.qmp import QMPError, QMPMonitor

from .fault import PlaceError, last_words

CHECKOUT = Path(__file__).parents[3]
# What the bench makes anew for each run: the key that lets in, and QEMU's monitor.
FOLDER = CHECKOUT / ".build-vm" / "place"
# s until QEMU runs: another bench may be at work, and is waited for; packages may have to be built first.
POWER_ON_MAX = {"amd64": 1500, "arm64": 5400}
# s until everything has ended; an answer of QEMU's.
POWER_OFF_MAX, ANSWER_MAX = 60, 10
FORWARDED = re.compile(r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s")


@target_factory.reg_driver
@attr.s(eq=False)
class BoardVMDriver(Driver, PowerResetMixin, PowerProtocol):
    """Power of the board VM. Sets the port of the NetworkService, which QEMU chooses.

    Args:
        arch (str): amd64 or arm64
    """

    bindings = {"service": "NetworkService"}
    arch = attr.ib(default="amd64", validator=attr.validators.in_(sorted(POWER_ON_MAX)))

    def __attrs_post_init__(self):
        super().__attrs_post_init__()
        self._bench = None

    def on_deactivate(self):
        self._end()

    @Driver.check_active
    @step()
    def on(self):
        if self._bench is not None and self._bench.poll() is None:
            return
        FOLDER.mkdir(parents=True, exist_ok=True)
        # Of an earlier run; and its QEMU may still be there.
        self._monitor.unlink(missing_ok=True)
        with open(self._log, "wb") as log:
            # It ends when its standard input does: with this process, however that ends.
            self._bench = subprocess.Popen(
                [CHECKOUT / "Board" / "bench", "vm-place", self.arch], stdin=subprocess.PIPE, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True)
        self.service.port = self._forwarded(POWER_ON_MAX[self.arch])

    @Driver.check_active
    @step()
    def off(self):
        self._end()

    @Driver.check_active
    @step()
    def cycle(self):
        self.off()
        self.on()

    def check(self):
        """Raises when it has ended by itself."""
        if self._bench is None:
            raise PlaceError("The board VM is off.")
        if self._bench.poll() is not None:
            raise PlaceError(f"The board VM ended with {self._bench.returncode}: {last_words(self._said)}")

    # MARK: Parts

    @property
    def _monitor(self):
        return FOLDER / "qmp"

    @property
    def _log(self):
        # Not in FOLDER, which the bench makes anew.
        return FOLDER.with_name("place.log")

    @property
    def _said(self):
        return self._log.read_text(errors="replace").splitlines()

    def _forwarded(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check()
            try:
                found = FORWARDED.search(self._ask("info usernet"))
            except (OSError, QMPError, ValueError):
                found = None
            if found:
                return int(found.group(1))
            time.sleep(0.5)
        self._end()
        raise PlaceError(f"The board VM did not start within {seconds} s: {last_words(self._said)}")

    def _ask(self, line):
        # By its name from its own folder: a socket's path has at most 107 bytes.
        folder = os.open(FOLDER, os.O_PATH)
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(ANSWER_MAX)
                link.connect(f"/proc/self/fd/{folder}/qmp")
                with link.makefile("rwb") as stream:
                    return QMPMonitor(stream, stream).execute("human-monitor-command", {"command-line": line})
        finally:
            os.close(folder)

    def _end(self):
        bench, self._bench = self._bench, None
        if bench is None:
            return
        bench.stdin.close()
        try:
            bench.wait(POWER_OFF_MAX)
        except subprocess.TimeoutExpired:
            # QEMU is its child, and ends by the mark that the next bench looks for.
            bench.kill()
            bench.wait(POWER_OFF_MAX)
            raise PlaceError(f"The board VM did not end within {POWER_OFF_MAX} s and was killed; './Board/bench clean' ends what it left.") from None
