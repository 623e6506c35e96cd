"""What is found on the way through a file: problems and notices, told once for all the places where they occur."""

from collections import Counter
from dataclasses import replace

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import prose, texts, trees
from assessments.importers.reading import MAX_NODES, MAX_TEXT, Node, Notice, Reading

MOST_PROBLEMS = 100
MOST_PLACES = 3
# HTML is longer than its text; beyond this it is not worth reading, and in the whole file it would take too long.
MAX_HTML, MAX_TAGS = 10 * MAX_TEXT, 300_000


class Findings:
    """Collects while a file is read, and makes the Reading of it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._told: dict[tuple[str, bool], list[str]] = {}
        self._tags = 0

    def problem(self, place: str, what: str, mend: str) -> None:
        if len(self.problems) < MAX_NODES:
            self.problems.append(Problem(place, what, mend))

    def note(self, place: str, what: str) -> None:
        self._told.setdefault((what, False), []).append(place)

    def warn(self, place: str, what: str) -> None:
        self._told.setdefault((what, True), []).append(place)

    @property
    def notices(self) -> list[Notice]:
        return [Notice(in_short(places), what, is_warning) for (what, is_warning), places in self._told.items()]

    def text(self, place: str, raw: str) -> str:
        """A text as it is kept. What is wrong with it becomes a problem."""
        if len(raw) > MAX_HTML:
            self.problem(place, f"It has {len(raw):,} characters; at most {MAX_TEXT:,} are read.", "Shorten it.")
            return ""
        text = texts.tidied(raw)
        if fault := texts.fault(text):
            self.problem(place, *fault)
        elif len(text) > texts.LONG_TEXT:
            self.warn(place, f"A text of more than {texts.LONG_TEXT:,} characters is long for a statement.")
        return text

    def html(self, place: str, raw: str) -> str:
        """The plain text of HTML."""
        self._tags += raw.count("<") + raw.count("&")
        if self._tags > MAX_TAGS:
            what = f"The file holds more than {MAX_TAGS:,} HTML tags."
            raise ImportRejected([Problem(place, what, "Remove the layout from the texts.")])
        if len(raw) > MAX_HTML:
            return self.text(place, raw)
        if prose.is_html(raw):
            self.note(place, "HTML is reduced to plain text with paragraphs and lists.")
        if prose.has_script(raw):
            self.warn(place, "A script or style sheet inside the text is left out.")
        return self.text(place, prose.plain(raw))

    def maybe_html(self, place: str, raw: str) -> str:
        """A text of a format that does not say whether its texts are HTML."""
        if len(raw) <= MAX_HTML and ("<" in raw or "&" in raw) and prose.is_html(raw):
            return self.html(place, raw)
        text = self.text(place, raw)
        if prose.has_markup(text):
            self.note(place, "Markdown or TeX is kept as it is written.")
        return text

    def titled(self, place: str, name: str, description: str, code: str) -> tuple[str, str, str]:
        """Title, text and guidance of an entry that has a name and a description in its own format."""
        bare = prose.without_code(name, code)
        if bare != name:
            self.note(place, "The code in front of a name is left out of the title.")
        if not bare and not description:
            self.problem(place, "It has neither a name nor a description.", "Give it a name.")
        if prose.was_cut(bare, description):
            self.warn(place, "The name was cut short. The description is taken in its place.")
        return prose.titled(bare, description)

    def checked(self, reading: Reading) -> Reading:
        """The reading with its nodes checked as a tree, and with everything found before and by the check."""
        placed, problems, notices = trees.checked(reading.nodes)
        self.problems += problems
        if not reading.nodes and not self.problems:
            self.problem("file", "There is nothing to assess: it holds no entries.", "Choose a file with a framework.")
        self._check_repeats(placed)
        found = [*self.notices, *notices]
        return replace(reading, nodes=placed, notices=found, problems=capped(self.problems))

    def _check_repeats(self, nodes: list[Node]) -> None:
        """Headings recur in every part of some frameworks; a statement that does is suspect."""
        inner = {node.parent for node in nodes}
        leaves = [node for node in nodes if node.id not in inner]
        counts = Counter((node.text or node.title).casefold() for node in leaves)
        for node in leaves:
            if counts[(node.text or node.title).casefold()] > 1:
                self.warn(node.place, "The same words stand in more than one entry.")


def in_short(places: list[str]) -> str:
    """A few places, and how many more there are."""
    more = len(places) - MOST_PLACES
    return ", ".join(places[:MOST_PLACES]) + (f" and {more:,} more" if more > 0 else "")


def capped(problems: list[Problem]) -> list[Problem]:
    """No more problems than a person mends in one go. Capped again they stay as they are."""
    more = len(problems) - MOST_PROBLEMS
    if more <= 1:  # one more takes no more room than saying so
        return problems
    rest = Problem("file", f"There are {more:,} more problems like these.", "Mend the ones above first.")
    return [*problems[:MOST_PROBLEMS], rest]
