import subprocess

import pytest
from flightlab.fault import PlaceError


@pytest.fixture
def package(tmp_path):
    def make(architecture, version="1.2", name="probe"):
        tree = tmp_path / "tree" / "DEBIAN"
        tree.mkdir(parents=True, exist_ok=True)
        (tree / "control").write_text(
            f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: x <x@example.org>\nDescription: x\n")
        file = tmp_path / f"{name}_{version}_{architecture}.deb"
        subprocess.run(["dpkg-deb", "--build", tree.parent, file], check=True, capture_output=True, timeout=60)
        return file

    return make


@pytest.fixture
def place(make_target):
    """A place of arm64 with apt, which says of each package what it `said`."""
    target = make_target("FakePlaceDriver: {}\nFlightDriver: {prefix: sudo -n, folder: /f}")
    flight, fake = target.get_driver("FlightDriver"), target.get_driver("FakePlaceDriver")
    fake.said, fake.without = "1.2 installed", ()

    def answer(command):
        if any(word in command for word in fake.without):
            return [], ["no"], 1
        words = {"print-architecture": "arm64", "id -u": "1000", "dpkg-query": fake.said}
        return next(([text] for key, text in words.items() if key in command), []), [], 0

    fake.answer = answer
    return flight, fake


def test_packages_are_copied_and_installed_by_apt(place, package):
    flight, fake = place
    file = package("arm64")
    report = flight.install([file.with_name("probe_*.deb")])
    assert report.holds and report.cases[0].name == "probe 1.2 is installed"
    assert fake.copied == [(str(file), "/f/packages/")]
    assert "sudo -n timeout --kill-after=10 30 install -d -m 700 -o 1000 /f/packages" in fake.commands
    assert ("sudo -n timeout --kill-after=10 600 env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "
            "--reinstall --allow-downgrades /f/packages/probe_1.2_arm64.deb") in fake.commands
    assert not any("remount" in command for command in fake.commands)


def test_where_there_is_no_apt_and_a_root_that_is_read_only(place, package):
    flight, fake = place
    fake.without = ("apt-get", "test -w")
    assert flight.install([package("all")]).holds
    assert any(command.endswith("mount -o remount,rw /") for command in fake.commands)
    assert any("dpkg --install /f/packages/probe_1.2_all.deb" in command for command in fake.commands)


@pytest.mark.parametrize("state", ["1.1 installed", "1.2 unpacked", ""])
def test_what_is_not_installed_in_this_version_is_no_success(place, package, state):
    flight, fake = place
    fake.said = state
    assert not flight.install([package("arm64")]).holds


def test_an_installation_that_failed_is_no_success_whatever_is_there(place, package):
    flight, fake = place
    fake.without = ("apt-get install",)
    assert flight.install([package("arm64")]).cases[0].message == "1.2 installed. apt-get ended with 1: no"


def test_a_package_for_another_architecture_is_refused_before_anything_is_changed(place, package):
    flight, fake = place
    with pytest.raises(PlaceError, match="^probe_1.2_amd64.deb is for amd64, and the place main is arm64; name the packages of its architecture.$"):
        flight.install([package("amd64")])
    assert len(fake.commands) == 1 and not fake.copied


def test_no_packages_are_refused(place, tmp_path):
    flight, fake = place
    with pytest.raises(PlaceError, match="^There is no package .*none_\\*.deb; make it with cross-build/build.$"):
        flight.install([tmp_path / "none_*.deb"])
    with pytest.raises(PlaceError, match="^No packages are named"):
        flight.install([])
    assert not fake.commands


def test_what_is_no_package_is_refused(place, tmp_path):
    (tmp_path / "a.deb").write_text("not a package")
    with pytest.raises(PlaceError, match="a.deb is no Debian package: "):
        place[0].install([tmp_path / "a.deb"])
