"""Small drawings of which a page shows dozens. Every template has these tags without loading them."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string

from assessments.views import levels

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=64)
def icon(name: str) -> str:
    """Decorative: the word beside it says the same. Rendered once a process."""
    return render_to_string("components/icon.html", {"name": name})


@register.simple_tag
def swatch(cls: str, sign: str = "", name: str = "") -> str:
    """The tint and sign of a level, or of having none; `name` is read aloud where no name stands beside it."""
    return levels.sign(levels.Swatch(cls, sign, ""), name=name)
