"""The signed cookie that a session rests in."""

from weakref import WeakKeyDictionary

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class SignedOnce(SecureCookieSessionInterface):
    """Flask's cookie sessions with a signer that is made once for each app, instead of twice a request."""

    def __init__(self) -> None:
        self._signers: WeakKeyDictionary[Flask, URLSafeTimedSerializer | None] = WeakKeyDictionary()

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs an app's cookies, or None while it has no key."""
        if app not in self._signers:
            self._signers[app] = super().get_signing_serializer(app)
        return self._signers[app]
