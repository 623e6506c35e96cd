"""The options of a competence with their anchors: the same for every competence of a kind, but for the code."""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.html import format_html

from assessments.views.levels import Choice

# Stands for the code in what is rendered once: for private use, so no text of a framework holds it.
CODE = "\ue000"


def options(code: str, choices: tuple[Choice, ...], answer: str) -> str:
    """A row of options, of which `answer` is chosen, and what each means."""
    return format_html(_pattern(choices, answer), code)


@lru_cache(maxsize=256)
def _pattern(choices: tuple[Choice, ...], answer: str) -> str:
    """Rendered once a process, because a page shows dozens of options that differ in nothing else."""
    drawn = render_to_string("assessments/_options.html", {"code": CODE, "choices": choices, "answer": answer})
    return drawn.replace("{", "{{").replace("}", "}}").replace(CODE, "{0}")
