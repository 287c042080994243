"""Asking whether something answers, with nothing but a socket: an HTTP library costs megabytes."""

import socket
from urllib.parse import urlsplit

PATIENCE = 2.0


def http_status(port: int, path: str) -> int:
    """The status of a GET on this machine; 0 when there is no answer."""
    request = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    words = _exchange(("127.0.0.1", port), request.encode()).split(b" ", 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def queue_answers(url: str) -> bool:
    """Whether our own queue answers, be it only that it wants the password first."""
    answer = _exchange(("127.0.0.1", urlsplit(url).port or 0), b"PING\r\n")
    return bool(answer) and not answer.startswith(b"-LOADING")


def is_open(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True


def _exchange(address: tuple[str, int], request: bytes) -> bytes:
    try:
        with socket.create_connection(address, timeout=PATIENCE) as connection:
            connection.sendall(request)
            return connection.recv(200)
    except OSError:
        return b""
