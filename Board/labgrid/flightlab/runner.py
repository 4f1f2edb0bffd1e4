"""One command at the place, bounded there and here, through whatever labgrid has for it."""
import shlex
import subprocess
from dataclasses import dataclass

from labgrid.driver.exception import ExecutionError

from .fault import PlaceError, begin, last_words

# s that a connection may take besides the command itself.
MARGIN = 60
# timeout(1): it took too long. A shell: it cannot be run, there is none. ssh: the connection.
LATE, UNFIT, ABSENT, LOST = 124, 126, 127, 255


@dataclass(frozen=True)
class Said:
    out: list[str]
    err: list[str]
    code: int

    @property
    def last_words(self):
        return last_words(self.out + self.err)


@dataclass(frozen=True)
class Runner:
    # As in a sentence.
    place: str
    command: object
    # Words before each command: sudo.
    prefix: tuple[str, ...] = ()
    # Seconds of ours that a second at the place may take.
    pace: float = 1.0

    def run(self, words, seconds):
        """Runs these words, not a shell's line; `seconds` are the place's own.

        Raises PlaceError when there is no exit code of the command's own.
        """
        line = shlex.join([*self.prefix, "timeout", "--kill-after=10", str(seconds), *words])
        try:
            said = Said(*self.command.run(line, timeout=seconds * self.pace + MARGIN))
        except subprocess.TimeoutExpired as error:
            raise PlaceError(f"{begin(self.place)} did not end '{words[0]}' within {error.timeout:.0f} s of ours.") from error
        except ExecutionError as error:
            raise PlaceError(f"The connection to {self.place} is gone: {error.msg}; is it still powered?") from error
        if said.code == LATE:
            raise PlaceError(f"'{words[0]}' did not end within {seconds} s at {self.place} and was stopped.")
        if said.code in (UNFIT, ABSENT):
            raise PlaceError(f"{begin(self.place)} cannot run '{words[0]}': {said.last_words}; are our packages installed there?")
        if said.code == LOST:
            raise PlaceError(f"The connection to {self.place} was lost in '{words[0]}': {said.last_words}.")
        return said

    def ask(self, words, seconds=30):
        """The command's words; PlaceError when it fails."""
        said = self.run(words, seconds)
        if said.code != 0:
            raise PlaceError(f"'{shlex.join(words)}' ended with {said.code} at {self.place}: {said.last_words}.")
        return "\n".join(said.out).strip()
