"""This machine as a place: the bench's simulation, with no machine between."""
import shutil
import subprocess
from pathlib import Path

import attr
from labgrid import step, target_factory
from labgrid.driver import Driver
from labgrid.driver.commandmixin import CommandMixin
from labgrid.driver.exception import ExecutionError
from labgrid.protocol import CommandProtocol, FileTransferProtocol


@target_factory.reg_driver
@attr.s(eq=False)
class HereDriver(CommandMixin, Driver, CommandProtocol, FileTransferProtocol):
    """Runs commands in a shell here, as SSHDriver does elsewhere."""

    @Driver.check_active
    @step(args=["command"], result=True)
    def run(self, command, timeout=None):
        return self._run(command, timeout=timeout)

    def _run(self, command, *, timeout=None, codec="utf-8", decodeerrors="strict"):
        done = subprocess.run(
            ["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
        out, err = (text.decode(codec, decodeerrors).splitlines() for text in (done.stdout, done.stderr))
        return out, err, done.returncode

    def get_status(self):
        return 1

    @Driver.check_active
    @step(args=["filename", "remotepath"])
    def put(self, filename, remotepath=""):
        _copy(filename, remotepath)

    @Driver.check_active
    @step(args=["filename", "destination"])
    def get(self, filename, destination="."):
        _copy(filename, destination)


def _copy(source, destination):
    """As scp -r does: into a folder that is there."""
    into = Path(destination)
    into = into / Path(source).name if into.is_dir() else into
    try:
        if Path(source).is_dir():
            shutil.copytree(source, into)
        else:
            shutil.copy2(source, into)
    except OSError as error:
        raise ExecutionError(f"{source} cannot be copied to {destination}: {error}") from error
