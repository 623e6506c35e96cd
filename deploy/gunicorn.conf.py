"""The web server, in the demo and in production. BIND and WEB_WORKERS change it from outside."""

import os
from pathlib import Path

bind = os.environ.get("BIND", "127.0.0.1:8000")

# Plain processes: threads in one process queue behind SQLite's writer and a save then takes a second.
worker_class = "sync"
workers = int(os.environ.get("WEB_WORKERS", "2"))

# Loading once is quicker and shares memory. It is safe because loading opens no database
# connection: each worker opens its own with its first request.
preload_app = True

# A report is rendered while the request waits; everything else is done in well under a second.
timeout = 60

# Nothing personal is written about a request; errors go to standard error.
accesslog = None
errorlog = "-"
loglevel = "warning"

# Two servers on one machine would share the control socket in the home directory.
control_socket_disable = True

# The heartbeat of a worker must never wait for a disk.
MEMORY = "/dev/shm"  # noqa: S108  gunicorn makes an unlinked file there, with a name of its own
worker_tmp_dir = MEMORY if Path(MEMORY).is_dir() else None
