"""A browser without windows: it keeps cookies and sends forms, fast enough to send many and blunt enough to be cut off."""

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from http.cookiejar import CookieJar
from typing import Any

from tests.journeys.walks import PASSWORD, Authenticator

HIDDEN = re.compile(
    r'<input[^>]*\bname="(?P<name>csrf_token|writer|once_key|revision)"[^>]*\bvalue="(?P<value>[^"]*)"'
)
SECONDS = 40


class CutOff(Exception):
    """The server went away, or refused the connection: nobody knows what became of the request."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect as the answer: it is what says that something was taken."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass
class Reply:
    """An answer of the portal."""

    status: int
    body: bytes
    location: str
    kind: str

    @property
    def text(self) -> str:
        """The answer as text."""
        return self.body.decode()


@dataclass
class Visitor:
    """One person's cookies at one portal."""

    url: str
    jar: CookieJar = field(default_factory=CookieJar)

    def __post_init__(self) -> None:
        self._opener = urllib.request.build_opener(_Stay, urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> Reply:
        """Open a page. Raises CutOff."""
        return self._ask(urllib.request.Request(self.url + path))  # noqa: S310 - the server under test

    def post(self, path: str, fields: dict[str, str]) -> Reply:
        """Send a form. Raises CutOff."""
        body = urllib.parse.urlencode(fields).encode()
        return self._ask(urllib.request.Request(self.url + path, body, {"Origin": self.url}))  # noqa: S310

    def _ask(self, request: urllib.request.Request) -> Reply:
        try:
            with self._open(request) as response:
                return _reply(response)
        except (urllib.error.URLError, HTTPException, OSError) as error:
            # Also where the answer had begun: its body is cut off as well.
            raise CutOff(str(error)) from None

    def _open(self, request: urllib.request.Request) -> HTTPResponse | urllib.error.HTTPError:
        """Return an answer, whatever its status; what isn't followed or refused is one like any other."""
        try:
            return self._opener.open(request, timeout=SECONDS)  # type: ignore[no-any-return]
        except urllib.error.HTTPError as answer:
            return answer

    def sign_in(self, address: str, *, app: Authenticator | None = None) -> None:
        """Sign in, with a code where there is a second step."""
        hidden = hidden_fields(self.get("/sign-in").text)
        reply = self.post("/sign-in", {**hidden, "email": address, "password": PASSWORD})
        if app is not None:
            hidden = hidden_fields(self.get("/sign-in/code").text)
            reply = self.post("/sign-in/code", {**hidden, "code": app.code()})
        assert reply.status == 303, reply.text


def hidden_fields(page: str) -> dict[str, str]:
    """Return the hidden fields that every form of a page sends by itself."""
    return {found["name"]: found["value"] for found in HIDDEN.finditer(page)}


def _reply(response: HTTPResponse | urllib.error.HTTPError) -> Reply:
    headers = response.headers
    return Reply(
        response.status or 0, response.read(), headers.get("Location", ""), headers.get("Content-Type", "")
    )
