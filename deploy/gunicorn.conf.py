"""The web server, in the demo and in production. BIND and WEB_WORKERS change it from outside."""

import logging
import os
import re
from pathlib import Path

bind = os.environ.get("BIND", "127.0.0.1:8000")

# A thread that waits for a report leaves the others free to save. Each has a database connection of its own,
# so a PostgreSQL server of a hundred connections carries four workers.
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = 24

# Loading once is quicker and shares memory. It is safe because loading opens no database
# connection: each worker opens its own with its first request.
preload_app = True

# A worker whose main thread is silent for so long is replaced. Requests are limited elsewhere: a report by its child.
timeout = 60

# Workers whose master was killed hold the port for so long, and a new server tries for little longer.
graceful_timeout = 8

# Longer than Caddy keeps an unused connection, so that it never sends an answer into one that is just being closed.
keepalive = 90

# Nothing personal is written about a request; errors go to standard error.
accesslog = None
errorlog = "-"
loglevel = "warning"


def _without_tokens(record: logging.LogRecord) -> bool:
    """The address of an occasional rater's link is a secret; ipt.middleware.TokenFilter keeps it out of our own log."""
    record.msg, record.args = re.sub(r"(/rate/)[^/\s]+", r"\1…", record.getMessage()), ()
    return True


logging.getLogger("gunicorn.error").addFilter(_without_tokens)

# Two servers on one machine would share the control socket in the home directory.
control_socket_disable = True

# The heartbeat of a worker must never wait for a disk.
MEMORY = "/dev/shm"  # noqa: S108  gunicorn makes an unlinked file there, with a name of its own
worker_tmp_dir = MEMORY if Path(MEMORY).is_dir() else None
