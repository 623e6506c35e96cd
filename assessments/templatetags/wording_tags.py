"""Putting things into words, for templates."""

from dataclasses import dataclass, field

from django import template

from assessments import wording
from assessments.wording import Title

register = template.Library()

register.filter("count_of", wording.count)
register.filter("in_words", wording.in_words)


@register.filter
def split_title(title: str) -> Title:
    return wording.split_title(title)


@register.filter
def in_format(address: str, extension: str) -> str:
    """The address of the file that says what a page says."""
    return f"{address.removesuffix('/')}.{extension}"


@dataclass
class Block:
    """A part of a background text: a heading, a paragraph or a list."""

    kind: str
    text: str = ""
    entries: list[str] = field(default_factory=list)


@register.filter
def prose(text: str) -> list[Block]:
    """Plain text as blocks: `## ` begins a heading, `- ` an entry of a list, a blank line ends a block."""
    blocks = []
    for chunk in text.strip().split("\n\n"):
        lines = [line.strip() for line in chunk.strip().split("\n") if line.strip()]
        if lines and lines[0].startswith("## "):
            blocks.append(Block("heading", lines.pop(0).removeprefix("## ")))
        if lines and all(line.startswith("- ") for line in lines):
            blocks.append(Block("list", entries=[line.removeprefix("- ") for line in lines]))
        elif lines:
            blocks.append(Block("text", " ".join(lines)))
    return blocks
