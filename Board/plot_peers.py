"""Draws a peer's flight beside ours: `plot_peers.py FOLDER` reads FOLDER/peers.json and each flight's track.csv.

Writes FOLDER/peers.png: on the left the peer that came off worst, on the right our update, both asked for at 0 s.
"""

import csv
import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, RED, GREY = "#1f6fb4", "#e07b00", "#2b8a3e", "#c92a2a", "#868e96"
# Seconds of a tick.
PERIOD = 2e-3
NAMES = {
    "none": "No update", "stop-then-start": "docker stop, docker run", "restart": "docker restart",
    "overlap": "docker run, docker stop: both drive", "checkpoint": "docker checkpoint", "update": "droneagent update",
}


class Flight:
    def __init__(self, folder: Path, outcome: dict):
        self.outcome = outcome
        with (folder / outcome["folder"] / "track.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        self.track = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}

    @property
    def fell(self) -> bool:
        return self.outcome["end"] == "fell"

    @property
    def title(self) -> str:
        words = NAMES.get(self.outcome["peer"], self.outcome["peer"])
        gap = self.outcome["gap_ticks"]
        felt = f"{gap} ticks ({gap * PERIOD * 1e3:.0f} ms) without a command" if gap else "no tick without a command"
        return f"{words}\n{felt}\nstate {self.outcome['state']}; {self.end}"

    @property
    def end(self) -> str:
        return f"it fell after {self.track['seconds'][-1]:.0f} s" if self.fell else "it flew on"


def choose(flights: list[Flight]) -> Flight:
    """Who fell, else who leaned most, of those that flew with the plain core."""
    plain = [flight for flight in flights if flight.outcome["core"] == "plain"]
    if not plain:
        sys.exit("plot_peers.py: no peer has flown; run all of them.")
    return max(plain, key=lambda flight: (flight.fell, flight.outcome["tilt_max"]))


def column(flight: Flight, axes: list[Axes]) -> None:
    track = flight.track
    time = track["seconds"]
    axes[0].set_title(flight.title, fontsize=10)
    for panel, name, colour in zip(axes, ("height_m", "tilt_deg", "speed_mps"), (BLUE, ORANGE, GREEN)):
        panel.plot(time, track[name], color=colour)
        panel.axvline(0, color=GREY, linewidth=1, linestyle=":")
        panel.grid(alpha=0.25)
        if flight.fell:
            panel.plot(time[-1], track[name][-1], "x", color=RED, markersize=10, markeredgewidth=2.5, clip_on=False)
    axes[-1].set_xlabel("time since it was asked for, s")


def draw(peer: Flight, ours: Flight) -> Figure:
    figure, grid = plt.subplots(3, 2, figsize=(10, 6.5), sharex=True, sharey="row", layout="constrained")
    for flight, axes in ((peer, grid[:, 0]), (ours, grid[:, 1])):
        column(flight, list(axes))
    for axes, label in zip(grid[:, 0], ("true height, m", "true tilt, °", "speed over ground, m/s")):
        axes.set_ylabel(label)
    for axes in grid[:, 0]:
        axes.set_ylim(bottom=0)
    return figure


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("Usage: plot_peers.py FOLDER")
    folder = Path(sys.argv[1])
    try:
        outcomes = json.loads((folder / "peers.json").read_text())["outcomes"]
        flights = [Flight(folder, outcome) for outcome in outcomes if outcome["folder"]]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as problem:
        sys.exit(f"plot_peers.py: the flights in {folder} cannot be read: {problem}")
    ours = next((flight for flight in flights if flight.outcome["peer"] == "update"), None)
    if ours is None:
        print("Without our own update there is no picture.")
        return
    draw(choose(flights), ours).savefig(folder / "peers.png", dpi=90)
    print(f"Picture: {folder / 'peers.png'}")


if __name__ == "__main__":
    main()
