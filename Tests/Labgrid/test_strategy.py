"""A place's states. Where SSH is asked, a real server of this machine answers by labgrid's own SSHDriver."""
import subprocess

import pytest
from conftest import DEVICES, FLIGHT, free_port
from labgrid.strategy import StrategyError
from test_flight import writing


def architecture():
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True, timeout=30).stdout.strip()


@pytest.fixture
def place(make_target, program, tmp_path):
    """place(resources, key, options of FlightDriver, of FlightStrategy): strategy and power."""

    def make(resources, key, flight="", strategy="", boot_seconds=5):
        target = make_target(
            f"""FakePowerDriver: {{}}
SSHDriver: {{keyfile: {key}, connection_timeout: 3.0}}
FlightDriver: {{programs: {program.folder}, folder: {tmp_path}/place, reports: kept, registry: 'r:1'{flight}}}
FlightStrategy: {{boot_seconds: {boot_seconds}{strategy}}}""", resources)
        return target.get_strategy(), target.get_driver("FakePowerDriver")

    return make


@pytest.fixture
def programs(program):
    program("flightbench", f"""if [ "$1" = fly ]; then cat >"$out/flight.xml" <<'XML'
{FLIGHT}XML
else cat >"$out/devices.xml" <<'XML'
{DEVICES}XML
fi""")


def test_from_off_to_flown_over_ssh_and_off_again(place, server, programs, tmp_path):
    strategy, power = place(server.resources, server.key, f", architecture: {architecture()}")
    strategy.transition("flown")
    assert power.calls == ["off", "on"]
    assert [report.text for report in strategy.reports] == [
        "devices:\n  ok      it takes off, 4.53 s\n  ok      the kill line stops the motors, 0.07 s",
        "fly:\n  ok      a flight with an update, 54.96 s"]
    assert strategy.notes == [
        "No card is written: the environment file names no image.",
        f"Nothing is installed: what flies is in {tmp_path}/programs already."]
    assert (tmp_path / "kept/fly/flight.xml").exists()
    strategy.transition("flown")
    assert power.calls == ["off", "on"]
    strategy.transition("off")
    assert power.calls == ["off", "on", "off"]
    assert strategy.flight.command.state.name == "bound"


def test_a_flight_that_does_not_hold_breaks_the_strategy_until_it_is_off(place, server, program):
    program("flightbench", writing("devices.xml", DEVICES.replace('"0.07"/>', '"0.07"><failure message="they turn"/></testcase>'), 1))
    strategy, power = place(server.resources, server.key)
    with pytest.raises(StrategyError, match="^'devices' does not hold: failed  the kill line stops the motors, 0.07 s: they turn$"):
        strategy.transition("flown")
    with pytest.raises(StrategyError, match="^An earlier step failed: 'devices' does not hold"):
        strategy.transition("booted")
    strategy.transition("off")
    assert power.calls[-1] == "off" and not strategy.broken


def test_a_place_that_nobody_reaches(place, server):
    strategy, power = place(f"NetworkService: {{address: 127.0.0.1, port: {free_port()}, username: x}}", server.key, boot_seconds=1)
    with pytest.raises(StrategyError) as refusal:
        strategy.transition("booted")
    assert refusal.value.msg.startswith("No SSH server answers at the place main (127.0.0.1:")
    assert refusal.value.msg.endswith("within 1 s (Connection refused); is it powered, is its address right, does it run sshd?")
    strategy.transition("off")
    assert power.calls == ["off", "on", "off"]


def test_a_key_that_the_place_does_not_know(place, server):
    strategy, _ = place(server.resources, server.wrong)
    with pytest.raises(StrategyError) as refusal:
        strategy.transition("booted")
    assert refusal.value.msg == (
        f"The place main (127.0.0.1:{server.port}) refuses the key {server.wrong}; "
        "put its public half into authorized_keys there, or name another as keyfile.")


def test_a_place_of_another_architecture(place, server):
    strategy, _ = place(server.resources, server.key, ", architecture: riscv64")
    with pytest.raises(StrategyError) as refusal:
        strategy.transition("booted")
    assert refusal.value.msg == (
        f"The place main (127.0.0.1:{server.port}) is {architecture()}, and its environment file says riscv64; correct the one that is wrong.")


def test_packages_that_are_not_there(place, server):
    strategy, _ = place(server.resources, server.key, strategy=", packages: [none_*.deb]")
    with pytest.raises(StrategyError, match="There is no package .*/none_\\*.deb; make it with cross-build/build."):
        strategy.transition("booted")


def test_an_image_without_something_to_write_it_with(place, server):
    strategy, power = place(server.resources, server.key, strategy=", image: a.img")
    with pytest.raises(StrategyError, match="names an image, and no USBSDMuxDriver with USBStorageDriver to write it."):
        strategy.transition("flashed")
    assert power.calls == ["off"]


@pytest.mark.parametrize("name", ["unknown", "flying"])
def test_a_state_that_there_is_not(place, server, name):
    strategy, power = place(server.resources, server.key)
    with pytest.raises(StrategyError, match=f"There is no state '{name}'; there are off, flashed, booted, flown."):
        strategy.transition(name)
    assert not power.calls


def test_a_connection_that_breaks_off_is_said(place, server):
    strategy, _ = place(server.resources, server.key)
    strategy.transition("booted")
    strategy.flight.command._keepalive.kill()
    strategy.flight.command._keepalive.wait(10)
    with pytest.raises(StrategyError, match="The connection to the place main .* is gone: Keepalive no longer running; is it still powered\\?"):
        strategy.transition("flown")
    strategy.transition("off")
