"""A capture by sigrok's own demonstration device, and a verdict by a program that says what it is told to."""
import pytest
from conftest import FLIGHT
from flightlab import analyser
from flightlab.fault import PlaceError


@pytest.fixture
def wires(make_target):
    def make(driver="demo"):
        target = make_target(
            "AnalyserDriver: {board: b.yaml, samplerate: 1k, reports: kept}", f"SigrokDevice: {{driver: {driver}, channels: 'D0=SCL,D1=SDA'}}")
        return target.get_driver("AnalyserDriver")

    return make


@pytest.fixture
def verdict(tmp_path, monkeypatch):
    def make(text):
        file = tmp_path / ".build/release/flightbench"
        file.parent.mkdir(parents=True)
        file.write_text("#!/bin/sh\n" + text)
        file.chmod(0o755)
        monkeypatch.setattr(analyser, "CHECKOUT", tmp_path)

    return make


def test_what_flies_is_watched_and_judged(wires, verdict, tmp_path):
    verdict(f"echo \"$@\" >{tmp_path}/asked\ncat >\"$7\" <<'XML'\n{FLIGHT}XML\n")
    driver = wires()
    with driver.watching(1):
        pass
    assert (tmp_path / "kept/capture.sr").read_bytes()[:2] == b"PK"
    assert driver.verdict().holds
    assert (tmp_path / "asked").read_text() == (
        f"verdict --sigrok {tmp_path}/kept/capture.sr --board {tmp_path}/b.yaml --junit {tmp_path}/kept/capture.xml\n")


def test_an_analyser_that_is_not_there(wires):
    with pytest.raises(PlaceError, match="^The analyser nothing captured nothing: "):
        with wires("nothing").watching(1):
            pass


def test_a_capture_that_cannot_be_judged(wires, verdict):
    verdict("echo 'It has no channel SCL.' >&2; exit 64")
    with pytest.raises(PlaceError, match="capture.sr cannot be judged: It has no channel SCL.$"):
        wires().verdict()


@pytest.mark.parametrize("seconds", [0, 601, 1.5, True])
def test_a_capture_of_no_length_is_refused(wires, seconds):
    with pytest.raises(PlaceError, match="^seconds is .*; give a whole number from 1 to 600.$"):
        with wires().watching(seconds):
            pass
