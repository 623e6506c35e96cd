"""What `manage.py work` does beside the web server, in this order, round after round.

A duty does one piece of what is due, holds no transaction while it waits for anything, and returns whether there was a
piece. Several workers may run: a duty takes what it works on by a row that it locks or leases.
"""

from collections.abc import Callable

from assessments.actions import bundle_work

Duty = Callable[[], bool]

DUTIES: list[Duty] = [
    bundle_work.step,
    bundle_work.empty,
]
