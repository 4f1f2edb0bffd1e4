"""Places for the unit tests: this machine in a folder of its own, one that only answers, and one behind a real SSH server."""
import getpass
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import attr
import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "Board" / "labgrid"))

from labgrid import Environment, target_factory  # noqa: E402
from labgrid.driver import Driver  # noqa: E402
from labgrid.driver.commandmixin import CommandMixin  # noqa: E402
from labgrid.protocol import CommandProtocol, FileTransferProtocol, PowerProtocol  # noqa: E402

DEVICES = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="devices" tests="2" failures="0" errors="0" skipped="0">
  <testcase classname="devices" name="it takes off" time="4.53"/>
  <testcase classname="devices" name="the kill line stops the motors" time="0.07"/>
</testsuite>
"""
FLIGHT = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="fly" tests="1" failures="0" errors="0" skipped="0">
  <testcase classname="fly" name="a flight with an update" time="54.96"/>
</testsuite>
"""


@target_factory.reg_driver
@attr.s(eq=False)
class FakePlaceDriver(CommandMixin, Driver, CommandProtocol, FileTransferProtocol):
    """A place that runs nothing: `answer` is asked for (out, err, code) of each command."""

    def __attrs_post_init__(self):
        super().__attrs_post_init__()
        self.commands, self.copied = [], []
        self.answer = lambda command: ([], [], 0)

    @Driver.check_active
    def run(self, command, timeout=None):
        self.commands.append(command)
        return self.answer(command)

    def get_status(self):
        return 1

    def put(self, filename, remotepath=""):
        self.copied.append((filename, remotepath))

    def get(self, filename, destination="."):
        raise AssertionError("There are no files here.")


@target_factory.reg_driver
@attr.s(eq=False)
class FakePowerDriver(Driver, PowerProtocol):
    def __attrs_post_init__(self):
        super().__attrs_post_init__()
        self.calls = []

    def on(self):
        self.calls.append("on")

    def off(self):
        self.calls.append("off")

    def cycle(self):
        self.calls.append("cycle")


# What labgrid has under that name answers nothing.
target_factory.drivers["FakePowerDriver"] = FakePowerDriver


@pytest.fixture
def make_target(tmp_path):
    """make_target(resources, drivers): of an environment file that is in tmp_path."""
    made = []

    def make(drivers, resources=""):
        file = tmp_path / f"environment-{len(made)}.yaml"
        indent = "\n      "
        file.write_text(
            f"imports: ['{REPOSITORY}/Board/labgrid/plugin.py']\ntargets:\n  main:\n    resources:"
            + (indent + indent.join(resources.strip().splitlines()) if resources else " {}")
            + "\n    drivers:" + indent + indent.join(drivers.strip().splitlines()) + "\n")
        made.append(Environment(str(file)))
        return made[-1].get_target()

    yield make
    for environment in made:
        environment.cleanup()


@pytest.fixture
def program(tmp_path):
    """program(name, text): a shell script in the folder that a place has its programs in; `out` is what --out names."""
    folder = tmp_path / "programs"
    folder.mkdir()

    def make(name, text):
        file = folder / name
        file.write_text(
            '#!/bin/sh\necho "$@"\nout=\nfor word; do [ "$last" != --out ] || out=$word; last=$word; done\n' + text + "\n")
        file.chmod(0o755)
        return file

    make.folder = folder
    return make


@pytest.fixture
def local(make_target, program, tmp_path):
    """local(options): the FlightDriver of a place that is this machine, with the programs of `program`."""

    def make(options=""):
        target = make_target(
            f"HereDriver: {{}}\nFlightDriver: {{programs: {program.folder}, folder: {tmp_path}/place, reports: kept{options}}}")
        return target.get_driver("FlightDriver")

    return make


@attr.s
class Server:
    """An SSH server of this run, on loopback, for this user."""
    port = attr.ib()
    key = attr.ib()
    # Another key, which it does not know.
    wrong = attr.ib()

    @property
    def resources(self):
        return f"NetworkService: {{address: 127.0.0.1, port: {self.port}, username: {getpass.getuser()}}}"


def free_port():
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return link.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ssh")
    for name in ("host", "key", "wrong"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True, timeout=60)
    port = free_port()
    (folder / "config").write_text(f"""
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/key.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PidFile none
Subsystem sftp internal-sftp
""")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", folder / "config"], stdout=log, stderr=log)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    else:
        pytest.fail((folder / "log").read_text())
    yield Server(port, folder / "key", folder / "wrong")
    process.terminate()
    process.wait(10)
