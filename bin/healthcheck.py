"""Exit 0 when the web server in this container answers /healthz with 200."""

import http.client
import os
import sys

WITHIN_SECONDS = 4


def main() -> int:
    port = int(os.environ.get("BIND", "0.0.0.0:8000").rpartition(":")[2])
    # Django answers only to the names it is known by; a leading dot there means every subdomain.
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*") or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        status = connection.getresponse().status
    except OSError as error:
        print(f"/healthz: {error}", file=sys.stderr)
        return 1
    if status != http.HTTPStatus.OK:
        print(f"/healthz: {status}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
