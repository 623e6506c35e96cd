"""Time that a test allows: of the processor, so that what else runs on the machine does not count."""

import sys


def allowed(seconds: float) -> float:
    """While coverage is measured each line takes several times as long."""
    return seconds if sys.gettrace() is None else 5 * seconds
