"""Debian packages, copied to a place and installed there."""
import glob
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from .fault import PlaceError
from .report import Case

# s at the place: maintainer scripts, on a slow card.
INSTALL_MAX = 600


@dataclass(frozen=True)
class Package:
    path: Path
    name: str
    version: str
    architecture: str

    @classmethod
    def read(cls, path):
        try:
            fields = subprocess.run(
                ["dpkg-deb", "--show", "--showformat=${Package}\n${Version}\n${Architecture}", str(path)],
                capture_output=True, text=True, timeout=60, check=False)
        except FileNotFoundError as error:
            raise PlaceError("There is no dpkg-deb on this machine to read packages; install dpkg.") from error
        words = fields.stdout.split("\n")
        if fields.returncode != 0 or len(words) != 3:
            raise PlaceError(f"{path} is no Debian package: {fields.stderr.strip() or 'it has no fields'}.")
        return cls(Path(path), *words)


def find(patterns):
    """The packages that paths with wildcards name; each must name one."""
    found = []
    for pattern in patterns:
        paths = sorted(glob.glob(str(pattern)))
        if not paths:
            raise PlaceError(f"There is no package {pattern}; make it with cross-build/build.")
        found += [Package.read(path) for path in paths]
    if not found:
        raise PlaceError("No packages are named; name them under 'packages' of the environment file.")
    return found


def install(packages, runner, files, folder):
    """A case for each: installed, and in this version. By apt where there is one, which fetches what they need; else by dpkg."""
    architecture = runner.ask(["dpkg", "--print-architecture"])
    for package in packages:
        if package.architecture not in (architecture, "all"):
            raise PlaceError(
                f"{package.path.name} is for {package.architecture}, and {runner.place} is {architecture}; "
                "name the packages of its architecture.")
    runner.ask(["rm", "-rf", folder])
    # Who copies need not be root; nobody else may write there.
    owner = replace(runner, prefix=()).ask(["id", "-u"])
    runner.ask(["install", "-d", "-m", "700", "-o", owner, folder])
    for package in packages:
        files.put(str(package.path), f"{folder}/")
    # On our card the root partition is read-only.
    if runner.run(["test", "-w", "/usr"], 30).code != 0:
        runner.ask(["mount", "-o", "remount,rw", "/"])
    paths = [f"{folder}/{package.path.name}" for package in packages]
    # Of a program that is not there dash says 127, which would mean that sh is not.
    has_apt = runner.run(["sh", "-c", "command -v apt-get || exit 1"], 30).code == 0
    words = (["apt-get", "install", "--yes", "--no-install-recommends", "--reinstall", "--allow-downgrades"]
             if has_apt else ["dpkg", "--install"])
    said = runner.run(["env", "DEBIAN_FRONTEND=noninteractive", *words, *paths], INSTALL_MAX)
    why = "" if said.code == 0 else f"{words[0]} ended with {said.code}: {said.last_words}"
    return tuple(_state(package, runner, why) for package in packages)


def _state(package, runner, why):
    said = runner.run(["dpkg-query", "--show", "--showformat=${Version} ${db:Status-Status}", package.name], 30)
    state = "\n".join(said.out).strip() or "it is not installed"
    name = f"{package.name} {package.version} is installed"
    if why or state != f"{package.version} installed":
        return Case(name, "failed", f"{state}. {why}".strip())
    return Case(name)
