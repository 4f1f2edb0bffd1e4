"""Makes a site of the manual by DocC: usage manual.py OUT.

The pages are Markdown with relative links, so that they read on any forge as they are. DocC knows pages by their names, so a
catalogue is put together of them first: links between pages become links by name, pictures lie beside the pages, and links to
other files become their names. A link to a page or a heading that is not there ends it with 1 and a sentence, and so does any
warning of DocC's. Where the toolchain has no DocC the links are checked all the same, and it ends with 69.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MANUAL = ROOT / "Sources/Manual"
# Pages that lie where they are used, and part of one.
ELSEWHERE = {"Board/wiring.md": "wiring", "cross-build/README.md": "cross-build"}
README, MEASURED = "README.md", "as-measured"
MEASURED_SECTIONS = ("The verdict", "Beside other ways", "What it costs")
SECONDS_MAX = 120
# EX_UNAVAILABLE of sysexits(3).
UNAVAILABLE = 69
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]*)(#[^)\s]*)?\)")


class ManualFault(Exception):
    """One sentence."""


def lines_outside_code(text):
    """Each line, and whether it is in a fence."""
    fenced = False
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        yield line, fenced or fence
        fenced ^= fence


def slug(heading):
    """As forges make it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower()).replace(" ", "-")


def fragment(heading):
    """As DocC makes it of a heading."""
    return re.sub(r"['\"]", "", heading.replace("`", "").strip()).replace(" ", "-")


def headings(text):
    return [m[1] for line, code in lines_outside_code(text) if not code and (m := re.match(r"#+ (.*)", line))]


def measured(readme):
    """The figures of README as a page of their own."""
    parts = {part.split("\n", 1)[0]: part for part in re.split(r"(?m)^## ", readme)[1:]}
    for name in MEASURED_SECTIONS:
        if name not in parts:
            raise ManualFault(f"README.md has no section '{name}', which the manual shows; mend MEASURED_SECTIONS.")
    return "# As measured\n\nWhat the bench printed, and how it compares.\n\n" + "".join(
        f"## {parts[name]}" for name in MEASURED_SECTIONS)


class Catalogue:
    """The pages by path from the root, with name and text."""

    def __init__(self):
        self.pages = {}
        for path in sorted(MANUAL.glob("*.md")):
            self.pages[str(path.relative_to(ROOT))] = (path.stem, path.read_text(encoding="utf-8"))
        for path, name in ELSEWHERE.items():
            self.pages[path] = (name, (ROOT / path).read_text(encoding="utf-8"))
        self.pages[README] = (MEASURED, measured((ROOT / README).read_text(encoding="utf-8")))
        self.headings = {path: {slug(h): h for h in headings(text)} for path, (_, text) in self.pages.items()}
        self.pictures = set()

    def link(self, page, match):
        """What becomes of one link or picture of `page`."""
        picture, words, path, anchor = match[1], match[2], match[3], (match[4] or "")[1:]
        if "://" in path:
            return match[0]
        place = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if not (ROOT / place).exists():
            raise ManualFault(f"{page} names {place}, which is not there; mend the link '{words}'.")
        if picture:
            self.pictures.add(place)
            return f"![{words}]({pathlib.PurePath(place).name})"
        if place not in self.pages:
            return f"{words} (`{place}`)"
        name = self.pages[place][0]
        if not anchor:
            return f"[{words}](doc:{name})"
        heading = self.headings[place].get(anchor)
        if heading is None:
            raise ManualFault(f"{page} names the heading '{anchor}' of {place}, which has none; mend the link '{words}'.")
        return f"[{words}](doc:{name}#{fragment(heading)})"

    def page(self, path):
        name, text = self.pages[path]
        lines = []
        for line, code in lines_outside_code(text):
            lines.append(line if code else LINK.sub(lambda match: self.link(path, match), line))
        if path == "Sources/Manual/droneagent.md":
            lines = root_page(lines)
        return name, "\n".join(lines)

    def write(self, folder):
        for path in self.pages:
            name, text = self.page(path)
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
        for picture in self.pictures:
            shutil.copy(ROOT / picture, folder)


def root_page(lines):
    """The first page: DocC's root, whose list of pages is its table of contents."""
    made = [lines[0], "", "@Metadata {", "    @TechnologyRoot", "}"]
    for line in lines[1:]:
        item = re.fullmatch(r"- \[[^\]]*\]\((doc:[^)#]*)(#[^)]*)?\)", line)
        made.append(f"- <{item[1]}>" if item else line.replace("## Pages", "## Topics", 1) if line == "## Pages" else line)
    return made


def find_docc():
    """In PATH, or beside swift: a toolchain's own folder need not be in PATH. None: this toolchain has none."""
    beside = pathlib.Path(os.path.realpath(shutil.which("swift") or ".")).parent / "docc"
    return shutil.which("docc") or (str(beside) if os.access(beside, os.X_OK) else None)


def main():
    out = pathlib.Path(sys.argv[1])
    catalogue = out / "droneagent.docc"
    shutil.rmtree(out, ignore_errors=True)
    catalogue.mkdir(parents=True)
    pages = Catalogue()
    pages.write(catalogue)
    docc = find_docc()
    if docc is None:
        print(f"{len(pages.pages)} pages, whose links hold; no site: there is no docc in PATH or beside swift.")
        sys.exit(UNAVAILABLE)
    command = [
        docc, "convert", catalogue, "--output-path", out / "site", "--fallback-display-name", "droneagent",
        "--fallback-bundle-identifier", "org.droneagent.manual", "--warnings-as-errors", "--transform-for-static-hosting",
    ]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, timeout=SECONDS_MAX, check=False)
    if done.returncode != 0:
        raise ManualFault("DocC has something to say about the manual; mend what it names above.")
    print(f"{len(pages.pages)} pages, {len(pages.pictures)} pictures, no warning: {out / 'site'}")


try:
    main()
except ManualFault as fault:
    sys.exit(f"manual.py: {fault}")
except subprocess.TimeoutExpired:
    sys.exit(f"manual.py: DocC was not done in {SECONDS_MAX} s; try again on a quieter machine.")
