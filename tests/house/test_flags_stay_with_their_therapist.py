"""Whatever happens with a couple's flags, everybody but their therapist sees the same to the last byte."""

import pytest

from portal.access.viewer import Role, Viewer
from portal.exercises import safety
from tests.factories import World
from tests.house.test_noninterference import Quiet, everything_of, quiet_site, same
from tests.portal_app import Site, Sites, open_session

pytestmark = pytest.mark.slow


def colleague(site: Site, quiet: Quiet, role: Role) -> tuple[Viewer, str]:
    """Make another account of the practice."""
    practice = quiet.pair.a.practice_id
    account = World(site.records).account(practice, "Ada Quill", role)
    viewer = Viewer(practice, account, frozenset({role}))
    return viewer, open_session(site.records, viewer)


def flag(site: Site, quiet: Quiet, *, decided: bool) -> None:
    with site.records.within(quiet.pair.therapist) as scope:
        found = safety.raise_by_hand(scope, quiet.pair.couple_id, about_id=quiet.pair.b.account_id)
        if decided:
            safety.close(scope, found.id, decision="Seen alone.")


@pytest.mark.parametrize("decided", [False, True])
def test_the_partner_whom_it_is_about_sees_no_difference(sites: Sites, decided: bool) -> None:
    before, quiet = quiet_site(sites)
    after, _again = quiet_site(sites)
    flag(after, quiet, decided=decided)
    pages, others = (
        everything_of(site, quiet.pair.b, quiet, token=quiet.token, sending=False) for site in (before, after)
    )
    assert len(pages) > 60
    same(pages, others)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DESK])
def test_other_staff_see_no_difference(sites: Sites, role: Role) -> None:
    site, quiet = quiet_site(sites)
    viewer, token = colleague(site, quiet, role)
    pages = everything_of(site, viewer, quiet, token=token, sending=False)
    flag(site, quiet, decided=False)
    same(pages, everything_of(site, viewer, quiet, token=token, sending=False))
