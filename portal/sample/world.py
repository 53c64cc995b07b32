"""Builds the sample world: practices open, people join, and the stories of their couples are acted out in order."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from portal.access.scope import Records, Scope
from portal.access.viewer import House, Role, Seat, Viewer
from portal.kit.clock import day_in
from portal.kit.ids import new_id
from portal.people import account_commands, second_factor, totp, welcome_commands
from portal.people.couple_commands import add_couple
from portal.people.invitation_commands import NewPerson, accept
from portal.people.models import Account, MailState, OutgoingMail, SecretsPolicy
from portal.people.post import Message
from portal.people.practice_commands import PracticeSettings, change_settings, create_practice, invite_staff
from portal.people.practice_queries import practice_of
from portal.sample.acting import perform
from portal.sample.cast import Household, PracticeCast, Someone, draw_cast
from portal.sample.stage import Calendar, Play, hold, partner_viewer
from portal.sample.story import Act, Story, read_story

PASSWORD = "kettle on the windowsill"  # noqa: S105 - it opens invented accounts, and everybody is told
"""The password of every sample account."""

DAYS = 84
"""How far back the sample world begins."""


@dataclass(frozen=True, slots=True)
class SampleAccount:
    """How somebody in the sample world signs in. ``couple`` is a ref; only staff have a ``totp_secret``."""

    role: str
    name: str
    email: str
    password: str
    totp_secret: str | None
    practice: str
    couple: str | None = None
    seat: str | None = None


@dataclass(frozen=True, slots=True)
class SampleCouple:
    """A couple of the sample world: the ref that commands take, and its id."""

    ref: str
    label: str
    practice: str
    id: str


@dataclass(slots=True)
class World:
    """Everybody in the sample world, in the order in which they are listed."""

    accounts: list[SampleAccount] = field(default_factory=list)
    couples: list[SampleCouple] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the world as plain JSON values."""
        return {
            "accounts": [asdict(each) for each in self.accounts],
            "couples": [asdict(each) for each in self.couples],
        }


Event = tuple[datetime, Callable[[], None]]


def build_world(records: Records, *, seed: int, now: datetime, password_hash: str) -> World:
    """Fill an empty database with twelve weeks up to yesterday. ``records`` must have a clock that can be held.

    The same seed makes the same people, texts and states; only ids, keys and times differ.
    """
    world = World()
    stages = [_Stage(records, cast, world, seed, now, password_hash) for cast in draw_cast(seed)]
    events = [event for stage in stages for event in stage.events()]
    # In order over all practices and couples, so that the audit trail reads as it would have been written.
    for moment, happen in sorted(events, key=lambda event: event[0]):
        hold(records, moment)
        happen()
    hold(records, now)
    for stage in stages:
        stage.finish()
    return world


class _Stage:
    """One practice while its twelve weeks are acted."""

    def __init__(
        self, records: Records, cast: PracticeCast, world: World, seed: int, now: datetime, password_hash: str
    ) -> None:
        self._records = records
        self._cast = cast
        self._world = world
        self._seed = seed
        self._password_hash = password_hash
        self._practice_id = new_id()
        self._calendar = Calendar(day_in(cast.time_zone, now) - timedelta(days=DAYS), cast.time_zone)
        self._staff: dict[str, str] = {}
        self._secrets: dict[str, str] = {}
        self._plays: dict[str, Play] = {}

    def events(self) -> Iterable[Event]:
        """Yield everything that happens in this practice, in no order."""
        yield self._calendar.at(0, 8), self._open
        for household in self._cast.households:
            story = self._story(household)
            yield self._calendar.at(story.added, 9, 30), partial(self._add, household, story)
            for seat in Seat:
                at = self._calendar.at(story.joined[seat.value], 10)
                yield at, partial(self._join, household, seat)
            for act in story.acts:
                yield self._calendar.moment(act), partial(self._act, household, act)

    def finish(self) -> None:
        """List the people of this practice, and count the mails of twelve weeks as long delivered."""
        for key, (role, someone) in self._cast.staff.items():
            self._list(role, someone, secret=self._secrets[key])
        for household in self._cast.households:
            for seat, someone in household.people.items():
                self._list(Role.PARTNER, someone, couple=household.ref, seat=seat)
            label = " & ".join(someone.first_name for someone in household.people.values())
            couple_id = self._plays[household.ref].couple_id
            self._world.couples.append(SampleCouple(household.ref, label, self._cast.name, couple_id))
        with self._as_house() as scope:
            for mail in scope.all(scope.select(OutgoingMail).where(OutgoingMail.state == MailState.WAITING)):
                mail.state, mail.sent_at = MailState.SENT, mail.created_at
            scope.flush()

    def _story(self, household: Household) -> Story:
        names = {seat.value: someone.first_name for seat, someone in household.people.items()}
        children = {("child", "child2")[number]: name for number, name in enumerate(household.children)}
        return read_story(household.ref, seed=self._seed, names=names | children)

    def _open(self) -> None:
        """Open the practice, and let everybody who works there set up their account."""
        people = dict(self._cast.staff)
        _role, admin = people.pop("admin")
        with self._as_house() as scope:
            link = create_practice(
                scope,
                NewPerson(admin.name, admin.email),
                name=self._cast.name,
                time_zone=self._cast.time_zone,
                locale="en",
                country=self._cast.country,
            )
        self._begin_work("admin", link)
        with self._records.within(self._viewer("admin")) as scope:
            change_settings(scope, _settings(scope))
            links = {
                key: invite_staff(scope, NewPerson(each.name, each.email), roles=frozenset({role}))[1]
                for key, (role, each) in people.items()
            }
        for key, each in links.items():
            self._begin_work(key, each)

    def _begin_work(self, key: str, link: str) -> None:
        """Follow an invitation as a member of staff, and set up the second factor."""
        self._staff[key] = self._accept(link.rpartition("/")[2])
        with self._records.within(self._viewer(key)) as scope:
            second_factor.begin_set_up(scope)
            secret = second_factor.pending_secret(scope) or ""
            code = totp.code_at(secret, totp.step_at(scope.now))
            second_factor.confirm_set_up(scope, code, session_id="")
        self._secrets[key] = secret

    def _accept(self, token: str) -> str:
        with self._as_house() as scope:
            return accept(scope, token, password_hash=self._password_hash)

    def _add(self, household: Household, story: Story) -> None:
        therapist = self._viewer(household.therapist)
        with self._records.within(therapist) as scope:
            a, b = (NewPerson(each.name, each.email) for each in household.people.values())
            couple_id = add_couple(scope, (a, b), goals=story.goals, once_key=new_id())
        self._plays[household.ref] = Play(
            records=self._records,
            calendar=self._calendar,
            couple_id=couple_id,
            therapist=self._viewer(household.therapist, couple_id),
            partners={},
            language=household.locale,
        )

    def _join(self, household: Household, seat: Seat) -> None:
        """Follow the invitation as a partner, read how this works, and agree to who sees what."""
        play = self._plays[household.ref]
        account_id = self._accept(self._invitation_of(household.people[seat]))
        viewer = partner_viewer(self._practice_id, account_id, couple_id=play.couple_id, seat=seat)
        with self._records.within(viewer) as scope:
            welcome_commands.introduce(scope)
            welcome_commands.agree(scope)
            if household.locale is not None:
                account_commands.change_settings(
                    scope, locale=household.locale, theme=account_commands.Theme.DEVICE, text_size=100
                )
        play.partners = {**play.partners, seat.value: viewer}

    def _invitation_of(self, someone: Someone) -> str:
        """Return the token in the mail that a person was sent."""
        from_outbox = OutgoingMail.message == Message.INVITATION
        with self._as_house() as scope:
            for mail in scope.all(scope.select(OutgoingMail).where(from_outbox)):
                account = scope.find(Account, mail.account_id)
                if account.email == someone.email and mail.link:
                    return str(mail.link).rpartition("/")[2]
        raise LookupError(someone.email)

    def _act(self, household: Household, act: Act) -> None:
        perform(self._plays[household.ref], act)

    def _viewer(self, key: str, *couples: str) -> Viewer:
        role, _someone = self._cast.staff[key]
        return Viewer(self._practice_id, self._staff[key], frozenset({role}), frozenset(couples))

    def _as_house(self) -> AbstractContextManager[Scope]:
        return self._records.within(House(self._practice_id))

    def _list(
        self,
        role: Role,
        someone: Someone,
        *,
        secret: str | None = None,
        couple: str | None = None,
        seat: Seat | None = None,
    ) -> None:
        self._world.accounts.append(
            SampleAccount(
                role=role.value,
                name=someone.name,
                email=someone.email,
                password=PASSWORD,
                totp_secret=secret,
                practice=self._cast.name,
                couple=couple,
                seat=seat.value if seat else None,
            )
        )


def _settings(scope: Scope) -> PracticeSettings:
    """Return the settings of a practice with the one decision that it has to take itself."""
    practice = practice_of(scope)
    return PracticeSettings(
        name=practice.name,
        time_zone=practice.time_zone,
        locale=practice.locale,
        country=practice.country,
        crisis_resources=tuple(practice.crisis_resources),
        secrets_policy=SecretsPolicy.LIMITED,
    )
