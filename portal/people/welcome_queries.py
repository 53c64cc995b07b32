"""Reads of a person's first steps: whether they know how this works, and agreed to it."""

from portal.access.scope import Scope
from portal.people.models import Consent

CONSENT_VERSION = "2026-11"
"""The text of "Who sees what" as it stands. A new version is asked about again."""


def standing_consent(scope: Scope, account_id: str) -> Consent | None:
    """Return a person's agreement to the text as it stands, or None if they never gave it or withdrew it."""
    query = scope.select(Consent).where(
        Consent.account_id == account_id,
        Consent.text_version == CONSENT_VERSION,
        Consent.withdrawn_at.is_(None),
    )
    found: Consent | None = scope.first(query)
    return found
