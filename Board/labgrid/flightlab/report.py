"""What was tried and what came of it: a case a line, read from JUnit XML and written as such."""
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from .fault import PlaceError

# bytes; a flight has one case, the devices a dozen.
XML_MAX = 1 << 20
# JUnit's element for what did not pass, and what it is called in a line.
OUTCOMES = {"failure": "failed", "error": "error", "skipped": "skipped"}


@dataclass(frozen=True)
class Case:
    name: str
    outcome: str = "passed"
    # What happened instead.
    message: str = ""
    # s; None: it took no time of its own.
    seconds: float | None = None

    @property
    def holds(self):
        return self.outcome == "passed"

    @property
    def line(self):
        time = "" if self.seconds is None else f", {self.seconds:.2f} s"
        return f"{'ok' if self.holds else self.outcome:8}{self.name}{time}{': ' + self.message if self.message else ''}"


@dataclass(frozen=True)
class Report:
    name: str
    cases: tuple[Case, ...]

    @property
    def failures(self):
        """Cases that did not pass; one that could not be judged, or was left out, is among them."""
        return tuple(case for case in self.cases if not case.holds)

    @property
    def holds(self):
        """Nothing was tried: nothing holds."""
        return bool(self.cases) and not self.failures

    @property
    def is_inconclusive(self):
        """Nothing failed, but something could not be judged."""
        return bool(self.failures) and all(case.outcome == "error" for case in self.failures)

    @property
    def text(self):
        return "\n".join([f"{self.name}:"] + [f"  {case.line}" for case in self.cases])

    @classmethod
    def read(cls, path):
        """From a file that a program at the place has written."""
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise PlaceError(f"The results {path} cannot be read: {error.strerror}.") from error
        return cls.parse(data, path)

    @classmethod
    def parse(cls, data, where):
        if len(data) > XML_MAX:
            raise PlaceError(f"The results {where} have {len(data)} bytes, and at most {XML_MAX} are read.")
        try:
            root = ElementTree.fromstring(data)
        except ElementTree.ParseError as error:
            raise PlaceError(f"The results {where} are no XML: {error}.") from error
        suites = [root] if root.tag == "testsuite" else root.findall("testsuite") if root.tag == "testsuites" else []
        if not suites:
            raise PlaceError(f"The results {where} are no JUnit XML: they have <{root.tag}> and no <testsuite>.")
        cases = tuple(_case(element, where) for suite in suites for element in suite.findall("testcase"))
        said = sum(_number(suite, "tests", where) or 0 for suite in suites)
        if said != len(cases):
            raise PlaceError(f"The results {where} say that they have {said:.0f} cases, and have {len(cases)}.")
        return cls(suites[0].get("name", "tests"), cases)

    def write(self, path):
        suite = ElementTree.Element(
            "testsuite", name=self.name, tests=str(len(self.cases)), failures=self._count("failed"),
            errors=self._count("error"), skipped=self._count("skipped"))
        for case in self.cases:
            element = ElementTree.SubElement(suite, "testcase", classname=self.name, name=case.name)
            if case.seconds is not None:
                element.set("time", str(case.seconds))
            for tag, outcome in OUTCOMES.items():
                if case.outcome == outcome:
                    ElementTree.SubElement(element, tag, message=case.message)
            if case.holds and case.message:
                ElementTree.SubElement(element, "system-out").text = case.message
        ElementTree.indent(suite)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(suite).write(path, encoding="UTF-8", xml_declaration=True)

    def _count(self, outcome):
        return str(sum(case.outcome == outcome for case in self.cases))


def _case(element, where):
    for tag, outcome in OUTCOMES.items():
        found = element.find(tag)
        if found is not None:
            message = found.get("message") or (found.text or "").strip()
            return Case(element.get("name", ""), outcome, message, _number(element, "time", where))
    said = (element.findtext("system-out") or "").strip()
    return Case(element.get("name", ""), message=said, seconds=_number(element, "time", where))


def _number(element, key, where):
    value = element.get(key)
    try:
        return None if value is None else float(value)
    except ValueError as error:
        raise PlaceError(f"The results {where} have {key}=\"{value}\", which is no number.") from error
