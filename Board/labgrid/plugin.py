"""What an environment file imports (`imports: [plugin.py]`): our drivers and the strategy, for any of labgrid's own programs."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from flightlab import analyser, flight, here, strategy, vm  # noqa: E402,F401  (each registers what is in it)
