"""A mail server of our own on loopback, that speaks as much SMTP as is needed to take a message or to refuse it."""

import email
import socket
import threading
from contextlib import contextmanager
from email import policy


class MailServer:
    """`refusals` says what it answers in place of 250: by command, and once it has the text as `TEXT`."""

    def __init__(self, port=0, **refusals):
        self.messages, self.refusals = [], refusals
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        while True:
            try:
                talking, _ = self._socket.accept()
            except OSError:  # closed
                return
            with talking, talking.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream):
        self._say(stream, "220 ready")
        while line := stream.readline():
            command = line.split()[0].decode().upper().rstrip(":")
            if command == "DATA" and "DATA" not in self.refusals:
                self._say(stream, "354 go on")
                text = b"".join(iter(stream.readline, b".\r\n"))
                if "TEXT" not in self.refusals:
                    self.messages.append(email.message_from_bytes(text, policy=policy.default))
                command = "TEXT"
            if self.refusals.get(command) == "hang up":
                return
            self._say(stream, self.refusals.get(command, "221 bye" if command == "QUIT" else "250 ok"))
            if command == "QUIT":
                return

    @staticmethod
    def _say(stream, words):
        stream.write(f"{words}\r\n".encode())
        stream.flush()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@contextmanager
def closed_port():
    """A port at which nobody answers: bound, and never listened at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
