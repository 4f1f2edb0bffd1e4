"""The scenario at a place, by labgrid's pytest plugin: `pytest --lg-env ENVIRONMENT.yaml Board/labgrid/scenario`.

In this order, as a drone's day has it; the first that fails leaves the others out, and the power goes all the same.
"""
import subprocess

import pytest
from flightlab.fault import PlaceError
from flightlab.reach import await_ssh, connect
from labgrid.driver import SSHDriver

ABSENT_AGENT = "'droneagent update' ended with 5"


@pytest.fixture(scope="session", autouse=True)
def power_goes(strategy):
    yield
    strategy.transition("off")


@pytest.fixture(autouse=True)
def order(request, strategy):
    if strategy.broken:
        pytest.skip("an earlier step failed")


@pytest.fixture
def show(capsys):
    def print_now(text):
        with capsys.disabled():
            print(f"\n{text}", flush=True)

    return print_now


@pytest.fixture
def flight(strategy):
    strategy.transition("booted")
    return strategy.flight


def test_it_is_powered_flashed_and_booted(strategy, show):
    strategy.transition("booted")
    show("\n".join([f"{strategy.flight.place} is up.", *strategy.notes]))


def test_lines_and_chips(flight, show):
    report = flight.devices()
    show(report.text)
    assert report.holds


def test_a_flight_with_an_update(flight, strategy, show):
    report = flight.fly(updates=strategy.updates, seconds=strategy.seconds)
    show(report.text)
    assert report.holds
    kept = flight.kept / "fly"
    show(f"{len(list(kept.iterdir()))} files are in {kept}.")


def test_the_doctor_finds_something(flight, show):
    """No verdict: a place of the lab is no drone that is about to fly."""
    report = flight.doctor()
    show(report.text)
    assert {"engine", "clock"} <= {case.name for case in report.cases}


def test_an_update_says_how_it_ended_or_that_there_is_no_agent(flight, show):
    try:
        report = flight.update("flight:none")
    except PlaceError as error:
        show(error)
        assert ABSENT_AGENT in str(error)
    else:
        show(report.text)
        assert not report.holds


@pytest.mark.lg_feature("disposable")
def test_a_package_is_installed(flight, show, tmp_path):
    package = make_package(tmp_path, flight.architecture)
    report = flight.install([package])
    show(report.text)
    assert report.holds


@pytest.mark.lg_feature("disposable")
def test_a_package_for_another_architecture_is_refused(flight, show, tmp_path):
    with pytest.raises(PlaceError) as refusal:
        flight.install([make_package(tmp_path, "riscv64")])
    show(refusal.value)
    assert f"is for riscv64, and {flight.place} is {flight.architecture};" in str(refusal.value)


def test_packages_that_are_not_there_are_refused(flight, show, tmp_path):
    with pytest.raises(PlaceError) as refusal:
        flight.install([tmp_path / "*.deb"])
    show(refusal.value)
    assert str(refusal.value).startswith("There is no package ")


def test_a_wrong_key_is_refused(flight, target, show, tmp_path):
    if not isinstance(flight.command, SSHDriver):
        pytest.skip("the place is not reached by SSH")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "wrong"], check=True, timeout=60)
    stranger = SSHDriver(target, "stranger", keyfile=str(tmp_path / "wrong"), connection_timeout=20.0)
    with pytest.raises(PlaceError) as refusal:
        connect(flight.place, target, stranger)
    show(refusal.value)
    assert "refuses the key" in str(refusal.value)


def test_a_place_without_power_is_not_reached(flight, strategy, show):
    """The last: it is powered off."""
    if strategy.power is None:
        pytest.skip("nothing powers the place")
    service = strategy.service
    strategy.transition("off")
    with pytest.raises(PlaceError) as refusal:
        await_ssh(flight.place, service, 5)
    show(refusal.value)
    assert str(refusal.value).startswith("No SSH server answers at ")


def make_package(folder, architecture):
    tree = folder / "tree" / "DEBIAN"
    tree.mkdir(parents=True)
    (tree / "control").write_text(
        f"Package: flightlab-probe\nVersion: 1.0\nArchitecture: {architecture}\n"
        "Maintainer: droneagent authors <droneagent@example.org>\nDescription: proves that a package arrives\n")
    file = folder / f"flightlab-probe_1.0_{architecture}.deb"
    subprocess.run(["dpkg-deb", "--build", tree.parent, file], check=True, capture_output=True, timeout=60)
    return file
