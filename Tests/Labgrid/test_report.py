import pytest
from conftest import DEVICES
from flightlab.fault import PlaceError, last_words
from flightlab.report import XML_MAX, Case, Report

FAILED = """<testsuite name="fly" tests="3" failures="1" errors="1" skipped="1">
  <testcase name="a"><failure message="1 ticks &lt;missed&gt;, &quot;late&quot;"/></testcase>
  <testcase name="b" time="2"><error>it stalled</error></testcase>
  <testcase name="c"><skipped/></testcase>
</testsuite>"""


def test_each_case_is_read_with_its_time():
    report = Report.parse(DEVICES, "devices.xml")
    assert report.name == "devices"
    assert report.cases == (Case("it takes off", seconds=4.53), Case("the kill line stops the motors", seconds=0.07))
    assert report.holds and not report.failures
    assert report.text == "devices:\n  ok      it takes off, 4.53 s\n  ok      the kill line stops the motors, 0.07 s"


def test_what_failed_could_not_be_judged_or_was_left_out_does_not_hold():
    report = Report.parse(FAILED, "flight.xml")
    assert [(case.outcome, case.message) for case in report.cases] == [
        ("failed", '1 ticks <missed>, "late"'), ("error", "it stalled"), ("skipped", "")]
    assert report.failures == report.cases and not report.holds
    assert report.cases[1].line == "error   b, 2.00 s: it stalled"


def test_suites_in_one_file_are_read_one_behind_the_other():
    report = Report.parse(f"<testsuites>{FAILED}{DEVICES.split('?>')[1]}</testsuites>", "all.xml")
    assert [case.name for case in report.cases] == ["a", "b", "c", "it takes off", "the kill line stops the motors"]


def test_where_nothing_was_tried_nothing_holds():
    assert not Report.parse('<testsuite name="devices" tests="0"/>', "devices.xml").holds


def test_what_is_written_is_read_again(tmp_path):
    report = Report("doctor", (
        Case("clock", message='no "server" <here> & there'), Case("IMU", "failed", "it is silent", 1.5),
        Case("x", "error", "y"), Case("z", "skipped")))
    report.write(tmp_path / "new" / "doctor.xml")
    assert Report.read(tmp_path / "new" / "doctor.xml") == report


@pytest.mark.parametrize("text, sentence", [
    ("", "The results x.xml are no XML: no element found: line 1, column 0."),
    (DEVICES[:-20], "The results x.xml are no XML: unclosed token: line 4, column 2."),
    ("<html/>", "The results x.xml are no JUnit XML: they have <html> and no <testsuite>."),
    (DEVICES.replace('tests="2"', 'tests="3"'), "The results x.xml say that they have 3 cases, and have 2."),
    (DEVICES.replace("4.53", "soon"), 'The results x.xml have time="soon", which is no number.'),
    (" " * (XML_MAX + 1), f"The results x.xml have {XML_MAX + 1} bytes, and at most {XML_MAX} are read."),
])
def test_what_is_no_result_is_refused_in_one_sentence(text, sentence):
    with pytest.raises(PlaceError) as refusal:
        Report.parse(text, "x.xml")
    assert str(refusal.value) == sentence


def test_results_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(PlaceError, match="x.xml cannot be read: No such file or directory.$"):
        Report.read(tmp_path / "x.xml")


def test_last_words_are_the_last_lines_that_say_something():
    assert last_words(["a", "b", "", " c ", "d"]) == "b c d"
    assert last_words(["", " "]) == "it said nothing"
