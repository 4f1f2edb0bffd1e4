"""What a program needs beside it, read from its ELF headers by `readelf`."""

import os
import posixpath
import re
import subprocess
from dataclasses import dataclass

# Machine as readelf says it: (architecture, variant, folder of the libraries) as OCI and Debian say it.
MACHINES = {
    "Advanced Micro Devices X86-64": ("amd64", None, "x86_64-linux-gnu"),
    "AArch64": ("arm64", "v8", "aarch64-linux-gnu"),
}

# Symbolic links followed on the way to one file; the kernel's own limit.
LINKS_MAX = 40

# Libraries of one image. libzmq brings about 20; more than this is not a flight container.
LIBRARIES_MAX = 100


class Refused(Exception):
    """One sentence for a person: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class Program:
    path: str
    architecture: str
    variant: str | None
    library_folder: str
    interpreter: str | None  # path of the dynamic loader, as the kernel looks for it
    needed: tuple[str, ...]  # names of the libraries it asks the loader for


def read(path: str) -> Program:
    if not os.path.isfile(path):
        raise Refused(f"There is no program {path}; build it first.")
    environment = dict(os.environ, LC_ALL="C")
    result = subprocess.run(
        ["readelf", "-W", "-h", "-l", "-d", path], capture_output=True, text=True, env=environment, timeout=30)
    machine = re.search(r"^\s*Machine:\s+(.+?)\s*$", result.stdout, re.M)
    if not machine:
        raise Refused(f"{path} is not an ELF program; give a compiled binary.")
    if machine[1] not in MACHINES:
        raise Refused(f"{path} is for '{machine[1]}'; images are made for: {', '.join(MACHINES)}.")
    architecture, variant, folder = MACHINES[machine[1]]
    interpreter = re.search(r"program interpreter: (\S+)\]", result.stdout)
    needed = re.findall(r"\(NEEDED\)\s+Shared library: \[(.+?)\]", result.stdout)
    return Program(path, architecture, variant, folder, interpreter[1] if interpreter else None, tuple(needed))


def inside(root: str, path: str) -> str | None:
    """The file that `path` names for a process whose root folder is `root`; None if there is none."""
    done, waiting, links = "/", path.strip("/").split("/"), 0
    while waiting:
        part = waiting.pop(0)
        if part == "..":
            done = posixpath.dirname(done)
            continue
        here = posixpath.join(done, part)
        outside = os.path.join(root, here.lstrip("/"))
        if os.path.islink(outside):
            links += 1
            if links > LINKS_MAX:
                return None
            target = os.readlink(outside)
            if target.startswith("/"):
                done = "/"
            waiting = [word for word in target.split("/") if word not in ("", ".")] + waiting
        else:
            done = here
    found = os.path.join(root, done.lstrip("/"))
    return found if os.path.isfile(found) else None


def libraries(programs: list[Program], root: str) -> dict[str, str]:
    """Path in the image: file on this machine, for the loader and every library that the programs need.

    Names are looked up where the loader looks without a cache, and keep that place in the image.
    """
    found: dict[str, str] = {}
    loaders = {program.interpreter for program in programs if program.interpreter}
    for loader in sorted(loaders):
        file = inside(root, loader)
        if file is None:
            raise Refused(f"The loader {loader} is not in {root}; give the right --root.")
        found[loader.lstrip("/")] = file
    known = {posixpath.basename(loader) for loader in loaders}
    waiting = list(programs)
    while waiting:
        program = waiting.pop()
        for name in program.needed:
            if name in known:
                continue
            known.add(name)
            if len(known) > LIBRARIES_MAX:
                raise Refused(f"{program.path} and what it needs is over {LIBRARIES_MAX} libraries; link less.")
            place, file = look_up(name, program, root)
            found[place] = file
            waiting.append(read(file))
    return found


def look_up(name: str, program: Program, root: str) -> tuple[str, str]:
    folders = [f"usr/lib/{program.library_folder}", f"lib/{program.library_folder}", "usr/lib", "lib"]
    for folder in folders:
        file = inside(root, f"{folder}/{name}")
        if file:
            return f"{folder}/{name}", file
    raise Refused(f"{program.path} needs {name}, which is in none of {', '.join(folders)} under {root}; install it.")
