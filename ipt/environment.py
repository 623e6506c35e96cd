"""Typed readers of environment variables. A value that makes no sense stops the start with a sentence."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def flag(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Set it to 1 or 0.")


def whole_number(name: str, *, default: int, at_least: int = 0) -> int:
    value = os.environ.get(name, str(default)).strip()
    if not value.isdecimal() or int(value) < at_least:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a whole number of {at_least} or more.")
    return int(value)


def text(name: str, *, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def file(name: str) -> Path | None:
    """Where a file lies that need not be configured. Whether it can be read is known when it is used."""
    value = text(name, default="")
    return Path(value) if value else None


def names(name: str, *, default: list[str] | None = None) -> list[str]:
    """A comma-separated list. Without a default the variable is compulsory."""
    value = os.environ.get(name, "")
    found = [part.strip() for part in value.split(",") if part.strip()]
    if found:
        return found
    if default is None:
        raise ImproperlyConfigured(f"{name} is empty. Set it to a comma-separated list, for example example.org.")
    return default


def secret(name: str, *, kept_in: Path | None) -> str:
    """A secret from NAME, from the file that NAME_FILE names, or (demo only) made once and kept in a file."""
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        return _read(Path(path), name)
    if kept_in is None:
        raise ImproperlyConfigured(f"{name} is empty. Set {name}, or {name}_FILE to a file that holds it.")
    if not kept_in.exists():
        kept_in.parent.mkdir(parents=True, exist_ok=True)
        kept_in.touch(mode=0o600)
        kept_in.write_text(secrets.token_urlsafe(64))
    return _read(kept_in, name)


def _read(path: Path, name: str) -> str:
    try:
        value = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE: {path} cannot be read ({error.strerror}).") from error
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE: {path} is empty.")
    return value
