"""Gathers the printed copy of the texts that a couple has signed: nothing in it that isn't signed by both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from hmac import new as hmac

from flask_babel import format_date, gettext

from portal.access.policy import Permission, Refused
from portal.access.privacy import Label
from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.negotiation_model import Version
from portal.exercises.models import Assignment
from portal.exercises.parts.agreements.queries import Shared, shared
from portal.exercises.shelf import exercises_by_copy
from portal.kit.clock import day_in
from portal.kit.svg import Person
from portal.kit.svg import Seat as Mark
from portal.kit.text import direction_of
from portal.people.couple_queries import Circle, circle
from portal.people.models import Practice
from portal.people.practice_queries import practice_of
from portal.reports.agreement_page import AgreementPage, ClauseLine, Sheet
from portal.reports.base import Colophon, Copy, Fact, Named, Paper, prose

COPIES = frozenset({Copy.CLINICIAN, Copy.JOINT, Copy.PARTNER_A, Copy.PARTNER_B})
"""All of them are the same text: it belongs to both and their therapist, and holds nothing of anybody alone."""

KIND = "agreement"
EARLIER_SHOWN = 3


class NothingSigned(Exception):
    """There is no text that both have signed and that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which copy is wanted: of one assignment's text, or of all that a couple signed in a time."""

    couple_id: str
    copy: Copy
    assignment_id: str | None = None
    first: date = date.min
    last: date = date.max


def gather(scope: Scope, wanted: Wanted) -> AgreementPage:
    """Return the texts that count, each as it was signed. Raises NothingSigned where there is none.

    For a partner of the couple and for its therapist. Raises Refused for anybody else, and for copies that don't exist.
    """
    may = Permission.DO_HOMEWORK if scope.viewer.is_partner else Permission.REPORT
    scope.require(may, couple_id=wanted.couple_id)
    if wanted.copy not in COPIES:
        raise Refused("no such copy")
    practice = practice_of(scope)
    sheets = []
    signed_on = []
    language = "en"
    for found in _texts(scope, wanted):
        version = found.agreement.in_force
        if version is None or not wanted.first <= _day(practice, version) <= wanted.last:
            continue
        sheets.append(_sheet(found, version, practice))
        signed_on.append(_day(practice, version))
        language = found.exercise.language
    if not sheets:
        raise NothingSigned(wanted.couple_id)
    people = circle(scope, wanted.couple_id)
    return AgreementPage(
        paper=_paper(scope, wanted, max(signed_on), language),
        a=_named(people, Seat.A),
        b=_named(people, Seat.B),
        sheets=tuple(sheets),
        colophon=Colophon(_help_lines(practice)),
    )


def _texts(scope: Scope, wanted: Wanted) -> list[Shared]:
    """Return the shared texts that the couple knows of, the oldest first, as far as they may be printed."""
    query = scope.select(Assignment).where(
        Assignment.couple_id == wanted.couple_id,
        Assignment.released_at <= scope.now,
        Assignment.opens_at <= scope.now,
    )
    if wanted.assignment_id is not None:
        query = query.where(Assignment.id == wanted.assignment_id)
    assignments = scope.all(query.order_by(Assignment.opens_at, Assignment.id))
    exercises = exercises_by_copy(scope, {each.copy_id for each in assignments})
    found = [
        shared(scope, each)
        for each in assignments
        if MechanicName.AGREEMENT in exercises[each.copy_id].mechanics
    ]
    return [each for each in found if each.spec.printable]


def _named(people: Circle, seat: Seat) -> Named:
    person = people.at(seat)
    return Named(Person(Mark(seat.value), person.first_name), person.name)


def _paper(scope: Scope, wanted: Wanted, day: date, language: str) -> Paper:
    return Paper(
        number=_number(scope, wanted, day),
        kind=gettext("Agreement"),
        copy=wanted.copy,
        label=Label.COUPLE,
        label_words=gettext("Both of you and your therapist"),
        lang=language,
        direction=direction_of(gettext("Agreement")),
    )


def _number(scope: Scope, wanted: Wanted, day: date) -> str:
    """Return a neutral number: the year, and five characters that tell nothing and are the same for the same text."""
    told = f"agreement/{wanted.couple_id}/{wanted.assignment_id}/{day.isoformat()}"
    mark = int(hmac(scope.practice_id.encode(), told.encode(), sha256).hexdigest()[:8], 16)
    letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    code = "".join(letters[(mark >> shift) % 32] for shift in (0, 5, 10, 15, 20))
    return f"{day:%y}-{code}"


def _moment(version: Version) -> datetime:
    """Return when the second signature came: that of the first is nobody's business but its giver's."""
    return max(at for _seat, at in version.signed)


def _day(practice: Practice, version: Version) -> date:
    return day_in(practice.time_zone, _moment(version))


def _sheet(found: Shared, version: Version, practice: Practice) -> Sheet:
    versions = found.agreement.versions[: version.number]
    before = versions[-2] if len(versions) > 1 else None
    texts = [each for each in version.text.clauses if each.text]
    old = {each.key: each.text for each in before.text.clauses if each.text} if before else {}
    clauses = [
        ClauseLine(
            number=str(number),
            title=each.title,
            words=prose(each.text),
            since=format_date(_day(practice, _since(versions, each.key, each.text)), gettext("d MMM")),
            news=gettext("New in version %(number)s.", number=version.number)
            if before and old.get(each.key) != each.text
            else "",
            before=prose(old[each.key]) if each.key in old and old[each.key] != each.text else (),
        )
        for number, each in enumerate(texts, start=1)
    ]
    return Sheet(
        title=found.exercise.title,
        promise=prose(found.spec.signature_text),
        facts=_facts(versions, practice),
        clauses=tuple(clauses),
        left_out=_left_out(version, before),
        accepted=gettext(
            "Signature, date. Accepted online by both, %(day)s.",
            day=format_date(_day(practice, version), "d MMMM y"),
        ),
        review_day=format_date(version.review_on, gettext("EEEE d MMMM y")),
    )


def _since(versions: Sequence[Version], key: str, words: str) -> Version:
    """Return the version since which a clause has read as it does now."""
    found = versions[-1]
    for each in reversed(versions):
        if not any(one.key == key and one.text == words for one in each.text.clauses):
            break
        found = each
    return found


def _left_out(version: Version, before: Version | None) -> str:
    if before is None:
        return ""
    kept = {each.key for each in version.text.clauses if each.text}
    gone = [each.title for each in before.text.clauses if each.text and each.key not in kept and each.title]
    if not gone:
        return ""
    return gettext(
        "No longer part of version %(number)s: %(titles)s.", number=version.number, titles=", ".join(gone)
    )


def _facts(versions: Sequence[Version], practice: Practice) -> tuple[Fact, ...]:
    def dated(version: Version) -> str:
        day = format_date(_day(practice, version), "d MMMM y")
        return gettext("%(number)s, of %(day)s", number=version.number, day=day)

    now = versions[-1]
    earlier = [dated(each) for each in reversed(versions[:-1])][:EARLIER_SHOWN]
    return (
        Fact(gettext("Version"), (dated(now), *earlier)),
        Fact(
            gettext("Review"),
            (format_date(now.review_on, "d MMMM y"), format_date(now.review_on, gettext("'a' EEEE"))),
        ),
        Fact(gettext("Reopen"), (gettext("Either of us,"), gettext("at any time"))),
    )


def _help_lines(practice: Practice) -> tuple[str, ...]:
    lines = [gettext("This paper supports your therapy. It is not a contract and not an emergency service.")]
    lines += [
        " ".join(filter(None, (each.get("name", ""), each.get("contact", ""))))
        for each in practice.crisis_resources
    ]
    return tuple(lines)
