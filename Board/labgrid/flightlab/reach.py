"""A place answers over SSH; or why it does not."""
import socket
import time

from .fault import PlaceError, begin

# s between two attempts, and for one.
PAUSE, ATTEMPT_MAX = 0.5, 10


def await_ssh(place, service, seconds, check=lambda: None):
    """Waits until an SSH server says its name; `check` raises when waiting is in vain."""
    # An address with an interface is reached by the exporter's machine, which only labgrid's own driver can ask.
    if service is None or "%" in service.address:
        return
    end = time.monotonic() + seconds
    why = "no answer"
    while time.monotonic() < end:
        check()
        try:
            with socket.create_connection((service.address, service.port), ATTEMPT_MAX) as link:
                link.settimeout(ATTEMPT_MAX)
                said = link.recv(64)
            if said.startswith(b"SSH-"):
                return
            why = "another service answers" if said else "it hangs up at once"
        except OSError as error:
            why = error.strerror or str(error)
        time.sleep(PAUSE)
    raise PlaceError(
        f"No SSH server answers at {place} within {seconds} s ({why}); is it powered, is its address right, does it run sshd?")


def connect(place, target, driver):
    """Activates the driver that runs commands. What labgrid's SSHDriver says of a failure is in its cause."""
    try:
        target.activate(driver)
    except PlaceError:
        raise
    except Exception as error:  # SSHDriver raises a bare Exception when its time is over
        said = _said(error.__cause__ or error)
        if "Permission denied" in said:
            key = getattr(driver, "keyfile", "") or "of this user"
            raise PlaceError(
                f"{begin(place)} refuses the key {key}; put its public half into authorized_keys there, or name another as keyfile.") from error
        raise PlaceError(f"There is no connection to {place}: {said}") from error


def _said(error):
    lines = getattr(error, "stdout", None) or []
    words = b" ".join(line for line in lines if isinstance(line, bytes)).decode("utf-8", "replace").strip()
    return words or getattr(error, "msg", "") or str(error)
