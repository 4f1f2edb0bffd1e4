"""Takes one check out at a time and demands that the tests named for it fail: usage
mutate.py TABLE [--check] [INVARIANT...].

The sources are changed in place, one line of the table at a time, and put back whatever happens. Prints a table; exits 0
if each mutation was noticed, 1 if not or if a check is no more where the table says; --check looks for that only. With
numbers of invariants only theirs are taken out.
"""

import re
import signal
import subprocess
import sys
import tomllib

BUILD = ["swift", "build", "-c", "release", "--build-tests"]
TEST = ["swift", "test", "-c", "release", "--skip-build", "--disable-xctest", "--filter"]
SECONDS_MAX = 900


def run(command):
    """Exit code and output; 124 when it took too long."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS_MAX)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace")


def failure(output):
    """Name of the first test that failed, and what it said."""
    found = re.search(r"✘ Test (\w+)\(.*?\).*? recorded an issue.*?: (.*)", output)
    if found:
        return f"{found[1]}: {found[2][:110]}"
    return "the test process crashed" if "unexpected signal" in output or "Fatal" in output else None


def source(mutation):
    """The file in which the check is."""
    path = mutation["file"]
    with open(path, encoding="utf-8") as file:
        whole = file.read()
    if whole.count(mutation["gone"]) != 1:
        sys.exit(f"mutate: {path} does not hold exactly once what 'gone' says of '{mutation['what']}'; mend the table.")
    return whole


def check(mutation):
    """What the tests said without the check; None: nothing was noticed, which is wrong."""
    path, whole = mutation["file"], source(mutation)
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(whole.replace(mutation["gone"], mutation["instead"]))
        code, output = run(BUILD)
        if code != 0:
            errors = [line for line in output.splitlines() if "error:" in line]
            sys.exit(f"mutate: without '{mutation['what']}' it does not build: {(errors or ['?'])[0]}")
        code, output = run(TEST + [mutation["tests"]])
        return failure(output) if code != 0 else None
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(whole)


def main():
    # So that `finally` has its turn.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with open(sys.argv[1], "rb") as file:
        mutations = tomllib.load(file)["mutation"]
    for mutation in mutations:
        source(mutation)
    if "--check" in sys.argv:
        return
    if wanted := set(sys.argv[2:]):
        mutations = [mutation for mutation in mutations if str(mutation["invariant"]) in wanted]
        if not mutations:
            sys.exit(f"mutate: The table has no invariant {', '.join(sorted(wanted))}; Sources/Manual/invariants.md numbers them.")
    missed = 0
    print("| invariant | taken out | what fails |\n|---|---|---|", flush=True)
    for mutation in mutations:
        said = check(mutation)
        missed += said is None
        print(f"| {mutation['invariant']} | {mutation['what']} | {said or 'NOTHING FAILS'} |", flush=True)
    run(BUILD)
    print(f"{len(mutations)} checks taken out, {missed} not missed by any test.")
    sys.exit(1 if missed else 0)


main()
