"""Draws one flight of the bench: `plot.py FOLDER` reads FOLDER/flight.ulg and report.json, writes flight.png.

On the left the whole flight with the phases of the update above it, on the right the second around the switch.
"""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pyulog import ULog

# Seconds before and after the switch in the right column: a held command would be seen as a step in it.
NEAR = 0.5
# Yaw rate is drawn a quarter as high, so that 90 degrees/s and a tilt of 20 degrees fit one scale.
YAW_SCALE = 0.25
MOTORS = ("front right", "rear left", "front left", "rear right")
BLUE, ORANGE, GREEN, RED, GREY = "#1f6fb4", "#e07b00", "#2b8a3e", "#c92a2a", "#868e96"


class Flight:
    def __init__(self, folder: Path):
        self.report = json.loads((folder / "report.json").read_text())
        self.log = {data.name: data.data for data in ULog(str(folder / "flight.ulg")).data_list}
        for topic in ("vehicle_attitude", "vehicle_local_position", "actuator_motors", "ownership"):
            if topic not in self.log or len(self.log[topic]["timestamp"]) == 0:
                sys.exit(f"plot.py: {folder / 'flight.ulg'} has no {topic}; was the record cut short?")
        self.begin = float(self.log["actuator_motors"]["timestamp"][0]) / 1e6

    def time(self, topic: str) -> np.ndarray:
        """Seconds since the first motor command."""
        return self.log[topic]["timestamp"] / 1e6 - self.begin

    def phases(self) -> list[tuple[str, float, float]]:
        return [(phase["name"], phase["begin"] - self.begin, phase["end"] - self.begin)
                for phase in self.report.get("phases", [])]

    def later_updates(self) -> list[tuple[float, float]]:
        """Those behind the first, of which the report has no phases."""
        return [(update["begin"] - self.begin, update["end"] - self.begin)
                for update in self.report.get("updates", [])[1:] if update["end"] > update["begin"]]

    def switch(self) -> float | None:
        moment = self.report.get("switch_time")
        return moment - self.begin if moment else None

    def duration(self) -> float:
        return float(self.time("actuator_motors")[-1])


def height(flight: Flight, axes: Axes) -> None:
    axes.plot(flight.time("vehicle_local_position"), -flight.log["vehicle_local_position"]["z"], color=BLUE)
    axes.set_ylabel("height, m")


def attitude(flight: Flight, axes: Axes) -> None:
    """Roll, pitch and yaw rate, each over the setpoint (dotted)."""
    data = flight.log["vehicle_attitude"]
    w, x, y, z = (data[f"q[{i}]"] for i in range(4))
    roll = np.degrees(np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)))
    pitch = np.degrees(np.arcsin(np.clip(2 * (w * y - z * x), -1, 1)))
    time = flight.time("vehicle_attitude")
    if asked := flight.log.get("attitude_setpoint"):
        moments = flight.time("attitude_setpoint")
        for name, scale in (("roll_body", 1), ("pitch_body", 1), ("yaw_rate", YAW_SCALE)):
            axes.plot(moments, np.degrees(asked[name]) * scale, color=GREY, linestyle=":", linewidth=1)
    axes.plot(time, roll, color=BLUE, label="roll")
    axes.plot(time, pitch, color=ORANGE, label="pitch")
    if turned := flight.log.get("vehicle_angular_velocity"):
        yaw_rate = np.degrees(turned["xyz[2]"]) * YAW_SCALE
        axes.plot(flight.time("vehicle_angular_velocity"), yaw_rate, color=GREEN, label="yaw rate ÷ 4, °/s",
                  linewidth=0.8, zorder=1)
    axes.set_ylabel("attitude, °")
    axes.margins(x=0, y=0.25)


def motors(flight: Flight, axes: Axes) -> None:
    data = flight.log["actuator_motors"]
    for motor, colour in enumerate((BLUE, ORANGE, GREEN, RED)):
        axes.plot(flight.time("actuator_motors"), data[f"control[{motor}]"], color=colour, label=MOTORS[motor],
                  linewidth=0.6)
    axes.set_ylabel("motor command")
    axes.set_ylim(-0.03, 1.03)


def owner(flight: Flight, axes: Axes) -> None:
    epoch = flight.log["ownership"]["epoch"].astype(int)
    axes.step(flight.time("ownership"), epoch, where="post", color=BLUE, linewidth=2)
    axes.set_yticks(sorted(set(epoch)))
    axes.margins(y=0.4)
    axes.set_ylabel("owner's epoch")


PANELS = (height, attitude, motors, owner)


def timeline(flight: Flight, axes: Axes) -> None:
    """A row for each phase of the update, its name beside its bar."""
    phases = flight.phases()
    names = list(dict.fromkeys(name for name, _, _ in phases))
    for name, begin, end in phases:
        row = names.index(name)
        axes.barh(row, end - begin, left=begin, height=0.8, color=colour_of(name))
        late = end > 0.8 * flight.duration()
        place, side = (begin, "right") if late else (end, "left")
        axes.annotate(f"{name} {seconds(end - begin)}", (place, row), xytext=(-4 if late else 4, 0),
                      textcoords="offset points", ha=side, va="center", fontsize=9)
    for begin, end in flight.later_updates():
        axes.annotate("again", ((begin + end) / 2, 0), ha="center", va="center", fontsize=9)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_ylabel("update")


def seconds(duration: float) -> str:
    return f"{duration:.1f} s" if duration >= 1 else f"{duration * 1e3:.0f} ms"


def colour_of(phase: str) -> str:
    return {"shadowing": GREEN, "switching": RED, "probation": ORANGE}.get(phase, BLUE)


def mark(flight: Flight, axes: Axes) -> None:
    """The first update as bands, a phase each, its switch as a line; later updates as grey bands."""
    for name, begin, end in flight.phases():
        axes.axvspan(begin, end, color=colour_of(name), alpha=0.10, linewidth=0)
    for begin, end in flight.later_updates():
        axes.axvspan(begin, end, color="grey", alpha=0.12, linewidth=0)
    if (switch := flight.switch()) is not None:
        axes.axvline(switch, color=RED, linewidth=1.2)
    axes.grid(alpha=0.25)


def heading(report: dict) -> str:
    counts = ", ".join(f"{report[key]} {words}" for key, words in (
        ("missed", "missed"), ("doubled", "doubled"), ("two_owner", "by two owners")) if key in report)
    return f"{report.get('ticks', 0):,} control ticks: {counts}. The verdict: {report.get('verdict', 'none')}"


def draw(flight: Flight) -> Figure:
    switch = flight.switch()
    columns = 2 if switch is not None else 1
    rows = 1 + len(PANELS)
    figure, grid = plt.subplots(
        rows, columns, figsize=(12, 10.5), sharex="col", squeeze=False, layout="constrained",
        gridspec_kw={"width_ratios": (3, 1)[:columns], "height_ratios": (1.3, 1, 1.4, 1.4, 0.6)})
    timeline(flight, grid[0][0])
    for row, panel in enumerate(PANELS, start=1):
        for axes in grid[row]:
            panel(flight, axes)
        for axes in grid[row][1:]:
            axes.set_ylabel("")
            axes.sharey(grid[row][0])
            axes.tick_params(labelleft=False)
    for axes in grid[:, 0]:
        mark(flight, axes)
    grid[0][0].set_xlim(0, flight.duration())
    grid[-1][0].set_xlabel("time, s")
    for row in (2, 3):
        grid[row][0].legend(loc="lower left", ncols=4, fontsize=8, framealpha=0.8)
    if switch is not None:
        for axes in grid[1:, 1]:
            mark(flight, axes)
        grid[-1][1].set_xlim(switch - NEAR, switch + NEAR)
        grid[-1][1].set_xticks([switch - NEAR, switch, switch + NEAR], [f"−{NEAR} s", "switch", f"+{NEAR} s"])
        grid[0][1].axis("off")
        grid[0][1].text(0.5, 0.02, "around the switch", ha="center", va="bottom", transform=grid[0][1].transAxes)
    figure.suptitle(heading(flight.report), fontsize=14)
    return figure


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("Usage: plot.py FOLDER")
    folder = Path(sys.argv[1])
    try:
        flight = Flight(folder)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        sys.exit(f"plot.py: the flight in {folder} cannot be read: {problem}")
    draw(flight).savefig(folder / "flight.png", dpi=110)
    print(f"Picture: {folder / 'flight.png'}")


if __name__ == "__main__":
    main()
