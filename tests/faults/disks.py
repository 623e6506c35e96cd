"""Small disks that can be filled or made read-only without harm to the machine."""

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHUNK = b"\0" * 4096


@dataclass(frozen=True)
class Disk:
    path: Path

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a block is free, until the block ends."""
        filler = self.path / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(CHUNK)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
        try:
            yield
        finally:
            filler.unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """The same folder, mounted once more over itself. Files that are open stay as they are."""
        _run("mount", "--bind", str(self.path), str(self.path))
        try:
            _run("mount", "-o", "remount,bind,ro", str(self.path))
            yield
        finally:
            # Lazily: the server may have opened a file meanwhile. It keeps that one as it was, as after a real fault.
            _run("umount", "--lazy", str(self.path))


@contextmanager
def small_disk(path: Path, *, megabytes: int) -> Iterator[Disk]:
    """A disk in memory of that size. Nothing is skipped where it cannot be mounted: the test fails and says so."""
    path.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "faults", str(path))
    try:
        yield Disk(path)
    finally:
        # Lazily: a server that was killed may take a moment to let go.
        _run("umount", "--lazy", str(path))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"“{' '.join(command)}” failed: {done.stderr.strip()} The fault suite has to run as root.")
