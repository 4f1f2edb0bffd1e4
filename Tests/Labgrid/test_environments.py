"""The environment files as labgrid reads them: each driver is known, and finds what it binds to."""
import pytest
from conftest import REPOSITORY
from labgrid import Environment

FOLDER = REPOSITORY / "Board" / "labgrid"


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.yaml")))
def test_an_environment_file_makes_a_place(name, monkeypatch):
    monkeypatch.setenv("LG_ENGINE", "/e.sock")
    monkeypatch.setenv("LG_REGISTRY", "127.0.0.1:5000")
    environment = Environment(str(FOLDER / f"{name}.yaml"))
    strategy = environment.get_target().get_strategy()
    assert strategy.flight.registry.endswith(":5000") and strategy.flight.engine
    assert (strategy.power is None) == (name == "here")
    assert (strategy.mux is None) == (name != "pi4")
    assert strategy.flight.kept == REPOSITORY / "flight/labgrid" / name
    environment.cleanup()
