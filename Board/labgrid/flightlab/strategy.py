"""From a drone without power to one that has flown."""
import enum
import os

import attr
from labgrid import step, target_factory
from labgrid.binding import BindingState
from labgrid.strategy import Strategy, StrategyError

from . import card
from .fault import PlaceError
from .reach import await_ssh, connect


class Status(enum.Enum):
    unknown = 0
    off = 1
    # What is to fly is on the card, if there is one to write.
    flashed = 2
    # It answers, is the machine that it should be, and has the packages.
    booted = 3
    # Lines and chips, and a flight with an update, hold.
    flown = 4


@target_factory.reg_driver
@attr.s(eq=False)
class FlightStrategy(Strategy):
    """Off, flashed, booted, flown; each by way of those before it.

    Args:
        image (str): image for the card (cross-build/image), from the environment file's folder on; none is written if not given
        userdata (str): the drone's set-up, which is laid onto the card's boot partition
        packages (list): packages (cross-build/build) that are installed once it has booted, paths that may have wildcards
        boot_seconds (int): at most, until it answers over SSH
        updates (int), seconds (int): of the flight
    """

    bindings = {
        "flight": "FlightDriver",
        "power": {"PowerProtocol", None},
        "service": {"NetworkService", None},
        "mux": {"USBSDMuxDriver", None},
        "storage": {"USBStorageDriver", None},
    }

    image = attr.ib(default="", validator=attr.validators.instance_of(str))
    userdata = attr.ib(default="", validator=attr.validators.instance_of(str))
    packages = attr.ib(factory=list, validator=attr.validators.instance_of(list))
    boot_seconds = attr.ib(default=180, validator=attr.validators.instance_of(int))
    updates = attr.ib(default=1, validator=attr.validators.instance_of(int))
    seconds = attr.ib(default=15, validator=attr.validators.instance_of(int))
    status = attr.ib(default=Status.unknown, init=False)

    def __attrs_post_init__(self):
        super().__attrs_post_init__()
        # What was done, and what was left out and why; and the reports of `flown`.
        self.notes, self.reports = [], []

    @step(args=["status"])
    def transition(self, status):
        """Raises StrategyError with the sentence of what is wrong; then only `off` is left."""
        wanted = self._status(status)
        if self.broken and wanted is not Status.off:
            raise StrategyError(f"An earlier step failed: {self.broken}")
        if wanted is self.status and wanted is not Status.off:
            return
        if wanted is Status.off or wanted.value < self.status.value or self.status is Status.unknown:
            self._enter(Status.off)
        while self.status is not wanted:
            self._enter(Status(self.status.value + 1))

    @step(args=["status"])
    def force(self, status):
        """It is in this state already, says who calls."""
        wanted = self._status(status)
        if wanted in (Status.booted, Status.flown):
            self._connect()
        self.status = wanted

    def _status(self, status):
        try:
            wanted = status if isinstance(status, Status) else Status[status]
        except KeyError:
            wanted = Status.unknown
        if wanted is Status.unknown:
            names = ", ".join(each.name for each in Status if each is not Status.unknown)
            raise StrategyError(f"There is no state '{status}'; there are {names}.")
        return wanted

    def _enter(self, status):
        try:
            {Status.off: self._off, Status.flashed: self._flash, Status.booted: self._boot, Status.flown: self._fly}[status]()
        except PlaceError as error:
            self.broken = error
            raise StrategyError(str(error)) from error
        self.status = status

    def _note(self, text):
        self.notes.append(text)
        self.logger.info(text)

    # MARK: States

    def _off(self):
        self.notes, self.reports, self.broken = [], [], None
        if self.flight.state is BindingState.active:
            try:
                self.flight.settle()
            except PlaceError as error:
                # The power goes all the same.
                self._note(str(error))
        self.target.deactivate(self.flight.command)
        if self.power is None:
            self._note("Nothing is powered: the environment file names no power.")
            return
        self.target.activate(self.power)
        self.power.off()

    def _flash(self):
        if not self.image:
            self._note("No card is written: the environment file names no image.")
            return
        if self.mux is None or self.storage is None:
            raise PlaceError("The environment file names an image, and no USBSDMuxDriver with USBStorageDriver to write it.")
        resolve = self.target.env.config.resolve_path
        card.write(self.target, self.mux, self.storage, resolve(self.image), self.userdata and resolve(self.userdata))
        self._note(f"The card is written: {self.image}.")

    def _boot(self):
        if self.power is not None:
            self.target.activate(self.power)
            self.power.on()
        await_ssh(self.flight.place, self.service, self.boot_seconds, getattr(self.power, "check", lambda: None))
        self._connect()
        self.flight.check_architecture()
        if not self.packages:
            self._note(f"Nothing is installed: what flies is in {os.path.normpath(self.flight.programs)} already.")
            return
        resolve = self.target.env.config.resolve_path
        report = self.flight.install([resolve(pattern) for pattern in self.packages])
        self._note(report.text)
        if not report.holds:
            raise PlaceError(f"The packages are not installed: {report.failures[0].message}")

    def _connect(self):
        connect(self.flight.place, self.target, self.flight.command)
        connect(self.flight.place, self.target, self.flight.files)
        self.target.activate(self.flight)

    def _fly(self):
        self.reports = []
        for scenario in (self.flight.devices, lambda: self.flight.fly(updates=self.updates, seconds=self.seconds)):
            report = scenario()
            self.reports.append(report)
            if not report.holds:
                raise PlaceError(f"'{report.name}' does not hold: {report.failures[0].line if report.failures else 'nothing was tried.'}")
