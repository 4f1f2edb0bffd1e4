"""The scenarios, at a place that is this machine, with programs that only say and write what they are told to."""
import pytest
from conftest import DEVICES, FLIGHT
from flightlab import flight as scenarios
from flightlab.fault import PlaceError
from flightlab.report import Case


def writing(file, text, code=0, words=""):
    return f"{words}\ncat >\"$out/{file}\" <<'XML'\n{text}XML\nexit {code}"


def test_devices_are_tried_with_the_places_board_and_their_files_fetched(local, program, tmp_path):
    program("flightbench", writing("devices.xml", DEVICES, words='echo log >"$out/core.log"'))
    report = local(", board: b.yaml, adapter: true, camera: /dev/video0").devices()
    assert [case.name for case in report.cases] == ["it takes off", "the kill line stops the motors"] and report.holds
    kept = tmp_path / "kept" / "devices"
    assert (kept / "core.log").read_text() == "log\n"
    assert (kept / "said").read_text() == (
        f"devices --board b.yaml --adapter --camera /dev/video0 --out {tmp_path}/place/devices\n")


def test_a_flight_is_flown_with_what_the_place_has(local, program, tmp_path):
    program("flightbench", writing("flight.xml", FLIGHT))
    driver = local(", board: b.yaml, emulated: true, engine: /e.sock, registry: 'r:5000', camera: /dev/video0")
    assert driver.fly(updates=2, seconds=30).holds
    assert (tmp_path / "kept/fly/said").read_text() == (
        "fly --board b.yaml --seconds 30 --updates 2 --update-at 1 --engine /e.sock --registry r:5000 --emulated "
        f"--camera-device /dev/video0 --out {tmp_path}/place/fly\n")


def test_a_flight_without_an_update_needs_no_engine(local, program, tmp_path):
    program("flightbench", writing("flight.xml", FLIGHT))
    assert local(", engine: ''").fly(updates=0).holds
    assert "--engine" not in (tmp_path / "kept/fly/said").read_text()


def test_words_with_spaces_and_quotes_arrive_as_they_are(local, program, tmp_path):
    program("flightbench", writing("devices.xml", DEVICES))
    assert local(""", board: "a 'b'  $HOME.yaml" """).devices().holds
    assert "--board a 'b'  $HOME.yaml --out" in (tmp_path / "kept/devices/said").read_text()


@pytest.mark.parametrize("element, code, outcome", [("failure", 1, "failed"), ("error", 3, "error")])
def test_a_flight_that_does_not_hold_is_a_result(local, program, element, code, outcome):
    text = FLIGHT.replace('"54.96"/>', f'"54.96"><{element} message="why"/></testcase>')
    program("flightbench", writing("flight.xml", text, code))
    report = local(", registry: 'r:1'").fly()
    assert report.failures == (Case("a flight with an update", outcome, "why", 54.96),)


@pytest.mark.parametrize("good, flights", [(2, 2), (9, 2), (1, 1)])
def test_a_flight_that_could_not_be_judged_is_flown_once_more(local, program, tmp_path, good, flights):
    """`good` is the first flight that can be judged."""
    error = FLIGHT.replace('"54.96"/>', '"54.96"><error message="it stalled"/></testcase>')
    program("flightbench", f"""echo >>{tmp_path}/flown; [ $(wc -l <{tmp_path}/flown) -lt {good} ] || {{
cat >"$out/flight.xml" <<'XML'
{FLIGHT}XML
exit 0; }}""" + writing("flight.xml", error, 3))
    assert local(", registry: 'r:1'").fly().holds == (good <= 2)
    assert (tmp_path / "flown").read_text() == "\n" * flights


def test_results_of_an_earlier_run_are_no_results(local, program, tmp_path):
    program("flightbench", writing("devices.xml", DEVICES))
    driver = local()
    driver.devices()
    program("flightbench", "echo 'There is no bus.' >&2; exit 64")
    with pytest.raises(PlaceError, match="ended with 64 at the place main and has no results: .* There is no bus.$"):
        driver.devices()
    assert not (tmp_path / "kept/devices/devices.xml").exists()


def test_results_and_exit_code_must_agree(local, program):
    program("flightbench", writing("devices.xml", DEVICES, code=1))
    with pytest.raises(PlaceError, match="'flightbench devices' ended with 1, and .*devices.xml says otherwise.$"):
        local().devices()


def test_results_of_a_crash_are_no_results(local, program):
    program("flightbench", writing("devices.xml", DEVICES, code=134))
    with pytest.raises(PlaceError, match="ended with 134 at the place main and has no results"):
        local().devices()


def test_without_our_programs_the_place_says_so(local):
    with pytest.raises(PlaceError, match="^The place main cannot run '.*/flightbench': .*are our packages installed there\\?$"):
        local().devices()


def test_a_program_that_hangs_is_stopped(local, program, monkeypatch):
    monkeypatch.setattr(scenarios, "DEVICES_MAX", 1)
    program("flightbench", "exec sleep 60")
    with pytest.raises(PlaceError, match="flightbench' did not end within 1 s at the place main and was stopped.$"):
        local().devices()


def test_a_place_that_hangs_is_let_go(local, program, monkeypatch):
    monkeypatch.setattr("flightlab.runner.MARGIN", 0)
    monkeypatch.setattr(scenarios, "DEVICES_MAX", 3)
    program("flightbench", "exec sleep 60")
    with pytest.raises(PlaceError, match="^The place main did not end '.*/flightbench' within 2 s of ours.$"):
        # The other commands, of 30 s each, get 15.
        local(", pace: 0.5").devices()


@pytest.mark.parametrize("numbers", [{"updates": -1}, {"updates": True}, {"updates": 51}, {"seconds": 0}, {"seconds": 1.5}, {"seconds": 3601}])
def test_a_flight_of_no_length_is_refused(local, numbers):
    with pytest.raises(PlaceError, match=f"^{next(iter(numbers))} is .*; give a whole number from"):
        local(", registry: 'r:1'").fly(**numbers)


def test_an_update_needs_a_registry(local):
    with pytest.raises(PlaceError, match="has no engine or no registry for an update; name both"):
        local().fly(updates=1)


def test_what_the_doctor_finds_are_cases(local, program, tmp_path):
    program("droneagent", r"""cat <<'JSON'
{"state":"ok","subject":"board file","sentence":"It is pi4."}
{"state":"warning","subject":"clock","sentence":"No server."}
{"state":"fault","subject":"IMU","sentence":"Nothing answers at 0x68."}
JSON
echo 'It should not fly.' >&2; exit 2""")
    report = local(", drone: d.yaml, engine: /e.sock").doctor()
    assert report.cases == (
        Case("board file", message="It is pi4."), Case("clock", message="No server."),
        Case("IMU", "failed", "Nothing answers at 0x68."))
    assert 'name="IMU"' in (tmp_path / "kept/doctor.xml").read_text()


def test_a_doctor_that_finds_nothing_at_all_has_not_looked(local, program):
    program("droneagent", "echo '[]'; exit 0")
    with pytest.raises(PlaceError, match="'droneagent doctor' ended with 0 at the place main"):
        local().doctor()


@pytest.mark.parametrize("outcome, code, holds", [("updated", 0, True), ("refused", 2, False), ("rolled_back", 3, False), ("updated", 1, False)])
def test_an_update_of_the_drone_ends_as_the_agent_says(local, program, outcome, code, holds):
    program("droneagent", f"""echo '{{"line":"progress","phase":"pulling","text":"v2"}}'
echo '{{"line":"result","outcome":"{outcome}","text":"So it was."}}'; exit {code}""")
    report = local().update("v2")
    assert (report.holds, report.cases[0].name, report.cases[0].message) == (holds, "update to v2", "So it was.")


def test_an_agent_that_does_not_answer_is_no_result(local, program):
    program("droneagent", "echo 'The agent does not answer.' >&2; exit 5")
    with pytest.raises(PlaceError, match="'droneagent update' ended with 5 at the place main: .* The agent does not answer.$"):
        local().update("v2")


@pytest.mark.parametrize("reference", ["", "--now", "a b", "a\nb", None])
def test_what_names_no_image_is_refused(local, reference):
    with pytest.raises(PlaceError, match="names no image; give a tag, a digest or host:port/repository:tag.$"):
        local().update(reference)
