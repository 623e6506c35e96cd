"""Something on the way between browser and server that misbehaves on demand."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIZE = 65536


class Proxy:
    """Passes everything on, until it is told what to do with each request to save instead.

    `swallow`: the server gets the request and answers, and the answer is dropped with the connection.
    `reply`: these bytes are the answer, and the server never hears of the request.
    """

    def __init__(self, port: int):
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.swallow = False
        self.reply: bytes | None = None
        # How many requests met with which fate.
        self.swallowed = self.replied = 0

    def serve(self) -> None:
        """Until the listener is closed; a thread for each connection."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def close(self) -> None:
        # Closing alone would leave accept() waiting.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _handle(self, client: socket.socket) -> None:
        """One request a connection, so that its fate is decided anew for each."""
        with client, contextlib.suppress(OSError):
            client.settimeout(30)
            request = _read_request(client)
            is_save = request.startswith(b"POST") and b"/ratings/" in request.split(b"\r\n", 1)[0]
            if is_save and self.reply is not None:
                self.replied += 1
                client.sendall(self.reply)
                return
            with socket.create_connection(("127.0.0.1", self._server), timeout=30) as server:
                server.sendall(_closing(request))
                answer = b"".join(iter(lambda: server.recv(SIZE), b""))
            if is_save and self.swallow:
                self.swallowed += 1
                return
            client.sendall(answer)


def _read_request(client: socket.socket) -> bytes:
    """The head, and as much after it as the head announces."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(client)
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    wanted = int(lengths[0]) if lengths else 0
    while len(body) < wanted:
        body += _more(client)
    return head + b"\r\n\r\n" + body


def _more(client: socket.socket) -> bytes:
    if received := client.recv(SIZE):
        return received
    raise ConnectionError("The browser has gone.")


def _closing(request: bytes) -> bytes:
    """The same request, after which the server closes the connection."""
    line, _, rest = request.partition(b"\r\n")
    head, _, body = rest.partition(b"\r\n\r\n")
    kept = [each for each in head.split(b"\r\n") if not each.lower().startswith(b"connection:")]
    return b"\r\n".join([line, *kept, b"Connection: close"]) + b"\r\n\r\n" + body


@contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    proxy = Proxy(port)
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()
