"""The project's own format: a strict subset of YAML, one file a revision. See docs/framework-format.md."""

import re
from typing import Any

import yaml

from assessments.exceptions import ImportRejected, Problem
from assessments.importers import own_revision
from assessments.importers.own_fields import FORMAT, Document, Fields
from assessments.importers.reading import MAX_DEPTH, MAX_NODES, Answers, Reading
from assessments.revisions import RevisionData

__all__ = ["FORMAT", "read", "read_file", "recognises"]

ENTRIES = 2 * MAX_NODES  # a tree, and what became of each of its competences
FIELDS = 20  # names and values; on average no entry has more
MOST_PROBLEMS = 1_000  # more than anybody reads
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_SIGN = re.compile(rb"""(?:^(?:\xef\xbb\xbf)?|[{,])[ "']*+format["']? *+:[ "']*+competence-framework/""", re.MULTILINE)


def recognises(name: str, content: bytes) -> bool:
    """Whether a file says that it is in this format, of whatever version."""
    return bool(_SIGN.search(content))


def read_file(name: str, content: bytes, answers: Answers) -> Reading:
    """The same as `read`, as every other format gives it. There is nothing to answer."""
    return Reading(format="yaml", revision=read(content))


def read(content: bytes) -> RevisionData:
    """Read a revision from a file's bytes. Raises ImportRejected with every problem found, each with its place."""
    problems: list[Problem] = []
    revision = own_revision.revision(_Mapping(_compose(content), "", problems))
    if problems:
        raise ImportRejected(problems)
    return revision


def _compose(content: bytes) -> yaml.MappingNode:
    """Parse within limits: depth, number of nodes, no aliases, no tags."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise ImportRejected([Problem(place, "It is not UTF-8 text.", "Save the file as UTF-8.")]) from error
    try:
        _check_events(text)
        root = yaml.compose(text, Loader=LOADER)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "file"
        what = getattr(error, "problem", None) or "It holds a character that YAML does not allow"
        raise ImportRejected([Problem(place, f"This is not YAML: {what}.", "Mend the line.")]) from error
    if not isinstance(root, yaml.MappingNode):
        raise ImportRejected([Problem("file", "It is not a framework.", f"Begin with format: {FORMAT}.")])
    return root


def _line(part: yaml.Event | yaml.Node) -> int:
    """The line, from 1, on which a part of the file begins."""
    mark = part.start_mark
    return mark.line + 1 if mark else 1


def _check_events(text: str) -> None:
    depth = entries = scalars = 0
    for event in yaml.parse(text, Loader=LOADER):
        place = f"line {_line(event)}"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ImportRejected([Problem(place, "Anchors and aliases are not read.", "Write the text out.")])
        if getattr(event, "tag", None):
            raise ImportRejected([Problem(place, "Tags are not read.", "Remove the tag.")])
        entries += isinstance(event, yaml.MappingStartEvent)
        scalars += isinstance(event, yaml.ScalarEvent)
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ImportRejected([Problem(place, f"It nests deeper than {MAX_DEPTH} levels.", "Flatten it.")])
        if entries > ENTRIES or scalars > MAX_NODES * FIELDS:
            raise ImportRejected([Problem(place, f"It has more than {ENTRIES} entries.", "Split it.")])


class _Mapping(Document):
    """One mapping of the file."""

    def __init__(self, node: yaml.Node, path: str, problems: list[Problem]) -> None:
        super().__init__(path, problems)
        self.node = node
        self.fields: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            self.problem("", "A set of named fields is expected here.", "Write `name: value` lines.")
            return
        for key, value in node.value:
            name = str(key.value)
            if name in self.fields:
                self._tell(name, "It stands twice.", "Keep one of the two.", key)
            self.fields[name] = value

    def problem(self, name: str, what: str, mend: str) -> None:
        self._tell(name, what, mend, self.fields.get(name) or self.node)

    def _tell(self, name: str, what: str, mend: str, node: yaml.Node) -> None:
        if len(self.problems) >= MOST_PROBLEMS:
            return
        path = self._inside(name)
        self.problems.append(Problem(f"line {_line(node)}" + (f", {path}" if path else ""), what, mend))

    def _inside(self, name: str) -> str:
        return ".".join(part for part in [self.path, name] if part)

    def names(self) -> list[str]:
        return list(self.fields)

    def written(self, name: str) -> str | None:
        node = self.fields.get(name)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.problem(name, "A single text is expected here.", "Write it on one line or as a folded text.")
            return None
        return str(node.value)

    def mapping(self, name: str) -> "_Mapping":
        self.used.add(name)
        node = self.fields.get(name)
        if node is None:
            self.problem(name, "It is missing.", f"Add {name}.")
            node = yaml.MappingNode("", [], start_mark=self.node.start_mark)
        return _Mapping(node, self._inside(name), self.problems)

    def entries(self, name: str) -> list[Fields] | None:
        nodes = self._list(name)
        if nodes is None:
            return None
        return [_Mapping(node, f"{self._inside(name)}[{index}]", self.problems) for index, node in enumerate(nodes)]

    def words(self, name: str) -> list[str]:
        nodes = self._list(name) or []
        if not all(isinstance(node, yaml.ScalarNode) for node in nodes):
            self.problem(name, "Single words are expected here.", "Write it as [one, two].")
            return []
        return [str(node.value) for node in nodes]

    def _list(self, name: str) -> list[yaml.Node] | None:
        node = self.fields.get(name)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.problem(name, "A list is expected here.", "Begin each entry with a hyphen.")
            return None
        nodes: list[Any] = node.value
        return nodes
