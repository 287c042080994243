"""A browser behind the proxy: keeps cookies, and comes with the headers that the proxy sets."""

import http.client
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

HOST = "portal.example.com"
IDEMPOTENT = {"GET", "HEAD"}


class Visitor:
    """`ports`: the web processes that the proxy knows; it takes the next when one does not answer."""

    def __init__(self, ports):
        self.ports, self.cookies, self.page, self.path = ports, {}, "", "/"

    def get(self, path):
        return self._ask("GET", path)

    def post(self, path, **fields):
        fields = {"csrfmiddlewaretoken": self._token(), **fields}
        return self._ask("POST", path, urlencode(fields))

    def follow(self, status_and_page):
        """On to where the answer leads."""
        for _ in range(5):
            if status_and_page[0] not in {301, 302}:
                break
            status_and_page = self.get(self.location)
        return status_and_page

    def _token(self):
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)[1]

    def _ask(self, method, path, body=None):
        answer, text = self._first_answer(method, self._local(path), body)
        for line in answer.headers.get_all("Set-Cookie") or []:
            for cookie in SimpleCookie(line).values():
                self.cookies[cookie.key] = cookie.value
        self.page, self.path = text, path
        self.location = answer.headers.get("Location", "")
        return answer.status, text

    def _local(self, address):
        parts = urlsplit(address)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _first_answer(self, method, path, body):
        for port in self.ports:
            try:
                return self._answer(port, method, path, body)
            except ConnectionRefusedError:
                continue  # nobody heard it: any proxy tries the next
            except (ConnectionResetError, http.client.RemoteDisconnected):
                if method not in IDEMPOTENT:
                    raise
        raise ConnectionRefusedError("no web process answers")

    def _answer(self, port, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "203.0.113.7",
            "Referer": f"https://{HOST}{self.path}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()
