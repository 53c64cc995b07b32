"""Reads of a person's first steps: whether they know how this works, and agreed to it."""

from collections import defaultdict
from collections.abc import Collection

from portal.access.scope import Scope
from portal.people.models import Consent, Partner

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


def agreeing(scope: Scope, couple_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Return who of some couples agrees to the text as it stands: account ids by couple, none for who is missing."""
    query = (
        scope.select(Partner, Consent)
        .where(
            Partner.couple_id.in_(sorted(couple_ids)),
            Consent.account_id == Partner.account_id,
            Consent.text_version == CONSENT_VERSION,
            Consent.withdrawn_at.is_(None),
        )
        .with_only_columns(Partner.couple_id, Partner.account_id)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for couple_id, account_id in scope.rows(query):
        found[couple_id].add(account_id)
    return {couple_id: frozenset(found[couple_id]) for couple_id in couple_ids}
