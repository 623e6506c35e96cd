"""Sessions in the database, as Django keeps them, read by fixed SQL."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, connection
from django.utils import timezone

# What ipt.middleware.session_limits writes now and then.
LIMITS = {"began", "renewed"}
READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Every request of a signed-in person begins with this read, and composing it took longer than asking it."""

    def load(self) -> dict[str, Any]:
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(READ, [self.session_key, now])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None  # a key that is not ours is never taken over
            return {}
        self._read: dict[str, Any] = self.decode(row[0])
        return dict(self._read)

    def save(self, must_create: bool = False) -> None:
        """A renewal that the storage refuses is left to a later request, so that reading goes on on a full disk.

        Django takes every failed write for a session that somebody else has ended.
        """
        try:
            super().save(must_create)
        except UpdateError as refusal:
            if not isinstance(refusal.__context__, OperationalError):
                raise
            if not self._is_renewal():
                raise refusal.__context__ from None

    def _is_renewal(self) -> bool:
        before = getattr(self, "_read", {})
        return _without_limits(before) == _without_limits(dict(self.items()))


def _without_limits(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in LIMITS}
