"""A person at a browser whose connection may break at any moment: asks again until an answer comes."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from tests.filling import form_in
from tests.waiting import wait_until

Answer = TypeVar("Answer")


class Unanswered(Exception):
    """The connection broke, or the server said that it cannot answer now."""


class Person:
    def __init__(self, port: int) -> None:
        self._port = port
        self._cookie = ""

    def persist(self, action: Callable[[], Answer]) -> Answer:
        """The answer of `action`, tried again as long as the server is away."""

        def attempt() -> tuple[Answer] | None:
            try:
                return (action(),)
            except Unanswered:
                return None

        answer = wait_until(attempt, within=40, what="an answer from the server")
        assert answer is not None
        return answer[0]

    def sign_in(self, email: str, password: str) -> None:
        fields = self.form("/sign-in", "/sign-in")
        status = self.send("/sign-in", {**fields, "email": email, "password": password})
        assert status in (302, 303), status

    def form(self, path: str, action: str) -> dict[str, str]:
        return form_in(self.page(path), action)

    def page(self, path: str) -> str:
        status, body = self._ask("GET", path)
        assert status == 200, (path, status, body[:500])
        return body

    def send(self, path: str, fields: dict[str, str]) -> int:
        """The status of a form sent."""
        return self._ask("POST", path, urlencode(fields))[0]

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)
        headers = {"Cookie": self._cookie} if self._cookie else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(str(error)) from error
        finally:
            connection.close()
        if answer.status in (502, 503):
            raise Unanswered(answer.reason)
        if cookie := answer.getheader("Set-Cookie"):
            self._cookie = cookie.split(";")[0]
        return answer.status, text
