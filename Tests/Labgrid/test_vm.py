"""Power of the board VM, with a bench that boots nothing: it answers as QEMU's monitor does, until its standard input ends."""
import sys

import pytest
from flightlab import vm
from flightlab.fault import PlaceError

BENCH = f"""#!{sys.executable}
import json, os, socket, sys, threading
assert sys.argv[1:] == ["vm-place", "amd64"]
server = socket.socket(socket.AF_UNIX)
os.chdir(os.path.dirname(sys.argv[0]) + "/../.build-vm/place")
server.bind("qmp")
server.listen()
def serve():
    while True:
        link, _ = server.accept()
        stream = link.makefile("rw")
        def say(value):
            stream.write(json.dumps(value) + chr(10)); stream.flush()
        say({{"QMP": {{"version": 1}}}})
        for line in stream:
            asked = json.loads(line)
            say({{"return": {{}} if asked["execute"] == "qmp_capabilities" else
                "  TCP[HOST_FORWARD]   8       127.0.0.1 40103       10.0.2.15    22     0     0\\r\\n"}})
threading.Thread(target=serve, daemon=True).start()
sys.stdin.read()
print("its power is gone", flush=True)
"""


@pytest.fixture
def bench(tmp_path, monkeypatch):
    def make(text):
        file = tmp_path / "Board" / "bench"
        file.parent.mkdir()
        file.write_text(text)
        file.chmod(0o755)
        monkeypatch.setattr(vm, "CHECKOUT", tmp_path)
        monkeypatch.setattr(vm, "FOLDER", tmp_path / ".build-vm" / "place")

    return make


@pytest.fixture
def power(make_target):
    # Its service has port 22 until the VM is on.
    target = make_target("BoardVMDriver: {arch: amd64}", "NetworkService: {address: 127.0.0.1, username: root}")
    return target.get_driver("BoardVMDriver")


def test_on_says_which_port_leads_there_and_off_ends_it(bench, power, tmp_path):
    bench(BENCH)
    power.on()
    assert power.service.port == 40103
    power.check()
    first = power._bench
    power.on()
    assert power._bench is first
    power.off()
    assert first.returncode == 0
    assert (tmp_path / ".build-vm/place.log").read_text() == "its power is gone\n"
    with pytest.raises(PlaceError, match="^The board VM is off.$"):
        power.check()
    power.off()


def test_a_vm_that_does_not_come_up_says_why(bench, power):
    bench("#!/bin/sh\necho 'bench: apt knows no kernel; run apt-get update.'; exit 1\n")
    with pytest.raises(PlaceError, match="^The board VM ended with 1: bench: apt knows no kernel; run apt-get update.$"):
        power.on()


def test_a_vm_that_never_answers_is_given_up(bench, power, monkeypatch):
    bench("#!/bin/sh\necho waiting; cat >/dev/null\n")
    monkeypatch.setitem(vm.POWER_ON_MAX, "amd64", 1)
    with pytest.raises(PlaceError, match="^The board VM did not start within 1 s: waiting$"):
        power.on()
    assert power._bench is None
