"""A person's first steps: having read how to use this safely, and agreeing to who sees what, or no longer."""

from portal.access.audit import Action, record
from portal.access.policy import Permission
from portal.access.scope import Scope
from portal.people.account_queries import own_account
from portal.people.models import Consent
from portal.people.welcome_queries import CONSENT_VERSION, standing_consent


def introduce(scope: Scope) -> None:
    """Note that a person read "Before you start"."""
    scope.require(Permission.OWN_ACCOUNT)
    account = own_account(scope)
    if account.introduced_at is None:
        account.introduced_at = scope.now
        scope.flush()


def agree(scope: Scope) -> None:
    """Note that a person agrees to the text as it stands."""
    scope.require(Permission.OWN_ACCOUNT)
    if standing_consent(scope, scope.account_id) is not None:
        return
    consent = Consent(account_id=scope.account_id, text_version=CONSENT_VERSION, agreed_at=scope.now)
    scope.add(consent)
    record(scope, Action.CONSENT_GIVEN, subject_id=consent.id, version=CONSENT_VERSION)


def withdraw_consent(scope: Scope) -> None:
    """Note that a person no longer agrees. Nothing can be opened or sent under this account until they do."""
    scope.require(Permission.OWN_ACCOUNT)
    consent = standing_consent(scope, scope.account_id)
    if consent is None:
        return
    consent.withdrawn_at = scope.now
    record(scope, Action.CONSENT_WITHDRAWN, subject_id=consent.id, version=CONSENT_VERSION)
