"""A world in which every private place of three couples holds a marked word, each with the people who may read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal.access.audit import Action, record
from portal.access.privacy import Audience
from portal.access.scope import Records
from portal.access.viewer import House, Role, Seat, Viewer
from portal.exercises import care_commands, commands
from portal.exercises.domain import Exercise, Recurrence
from portal.exercises.mechanics.base import AT_ONCE, Delivery, DeliveryKind, MechanicName
from portal.exercises.mechanics.negotiation_model import EventKind
from portal.exercises.mechanics.overlap import TherapistSees
from portal.exercises.mechanics.planning_model import EventKind as Planning
from portal.exercises.mechanics.planning_model import Words
from portal.exercises.mechanics.tracker import afterwards_round
from portal.exercises.models import Answer, AssignmentState, Whom
from portal.exercises.parts.agreements.queries import Place
from portal.exercises.parts.decks.commands import add_card
from portal.exercises.parts.habits.part import HABIT
from portal.exercises.queries import aside
from portal.kit.clock import day_in
from portal.kit.ids import new_id
from portal.people import account_commands, kept
from portal.people.account_commands import Theme
from portal.people.invitation_commands import send_link
from portal.people.invitation_queries import fingerprint
from portal.people.models import Account, Caseload, Couple, Invitation, OutgoingMail, Practice
from portal.reports.base import Copy
from portal.reports.words import keep_words
from tests.exercises.agreements import negotiating
from tests.exercises.decks import dealing
from tests.exercises.doing import ZONE, open_item, task_of
from tests.exercises.journals import keeping
from tests.exercises.ladders import climbing
from tests.exercises.plans import arranging
from tests.exercises.talk.talking import K as TalkMoves
from tests.exercises.talk.talking import Talking
from tests.exercises.timelines import telling
from tests.factories import MORNING, Pair, World
from tests.house import leak_care, leak_exercises
from tests.house.leak_known import LeakWorld, knowers_by_row
from tests.portal_app import open_session, settle

LATER = timedelta(days=3)


def build(records: Records) -> LeakWorld:
    """Fill an empty portal."""
    told = LeakWorld()
    _Builder(records, told).build()
    return told


@dataclass(frozen=True)
class _Circle:
    """One couple's people as the readers of baits name them."""

    key: str
    pair: Pair
    a: str
    b: str
    carers: tuple[str, ...]

    @property
    def both(self) -> tuple[str, ...]:
        return (self.a, self.b, *self.carers)


class _Builder:
    def __init__(self, records: Records, told: LeakWorld) -> None:
        self.records, self.told = records, told
        self.world = World(records)
        self.lay, self.earn = told.baits.lay, told.baits.earn

    def build(self) -> None:
        for circle in self._first_practice(), self._second_couple(), self._second_practice():
            self.told.pairs[circle.key] = circle.pair
            self._fill(circle)
        for name, viewer in self.told.people.items():
            self.told.tokens[name] = open_session(self.records, viewer)
        self.told.knows = knowers_by_row(self.records, self.told)

    # People

    def _practice(self, *readers: str) -> str:
        practice = self.world.practice(f"{self.lay('practice.name', *readers)} Practice")
        with self.records.within(House(practice)) as scope:
            found = scope.session.get_one(Practice, practice)
            found.crisis_resources = [
                {"name": self.lay("practice.crisis_resources", *readers), "reach": "116 123", "note": ""}
            ]
        return practice

    def _name(self, *readers: str) -> str:
        return f"{self.lay('account.name', *readers)} {self.lay('account.name', *readers)}"

    def _staff(self, practice: str, name: str, readers: tuple[str, ...], *roles: Role) -> str:
        account = self.world.account(practice, self._name(*readers), *roles)
        self.told.people[name] = Viewer(practice, account, frozenset(roles))
        self._own_words(
            self.told.people[name], name, *(each for each in readers if "admin" in each or each == "owner")
        )
        return account

    def _first_practice(self) -> _Circle:
        staff = ("therapist", "colleague", "owner", "admin", "desk")
        everybody = ("a", "b", "neighbour", "neighbour's partner", *staff)
        self.first = self._practice(*everybody)
        therapist = self._staff(self.first, "therapist", everybody, Role.THERAPIST)
        self._staff(self.first, "admin", everybody, Role.ADMIN)
        self._staff(self.first, "desk", everybody, Role.DESK)
        readers = ("a", "b", "therapist", "owner", "admin", "desk")
        return self._couple(self.first, "one", ("a", "b"), ("therapist",), therapist, readers)

    def _second_couple(self) -> _Circle:
        everybody = tuple(
            name for name, viewer in self.told.people.items() if viewer.practice_id == self.first
        )
        everybody += ("neighbour", "neighbour's partner", "colleague", "owner")
        colleague = self._staff(self.first, "colleague", everybody, Role.THERAPIST)
        owner = self._staff(self.first, "owner", everybody, Role.ADMIN, Role.THERAPIST)
        seats, carers = ("neighbour", "neighbour's partner"), ("colleague", "owner")
        readers = (*seats, *carers, "admin", "desk")
        circle = self._couple(self.first, "two", seats, carers, colleague, readers)
        with self.records.within(House(self.first)) as scope:
            since = scope.now + timedelta(seconds=1)
            scope.add(Caseload(couple_id=circle.pair.couple_id, account_id=owner, since=since))
        self._care("owner", circle)
        return circle

    def _second_practice(self) -> _Circle:
        staff = ("outside therapist", "outside admin")
        seats = ("outsider", "outsider's partner")
        practice = self._practice(*seats, *staff)
        therapist = self._staff(practice, "outside therapist", (*seats, *staff), Role.THERAPIST)
        self._staff(practice, "outside admin", (*seats, *staff), Role.ADMIN)
        return self._couple(practice, "three", seats, ("outside therapist",), therapist, (*seats, *staff))

    def _couple(
        self,
        practice: str,
        key: str,
        seats: tuple[str, str],
        carers: tuple[str, ...],
        therapist: str,
        readers: Any,
    ) -> _Circle:
        names = (self._name(*readers), self._name(*readers))
        pair = self.world.pair(practice, names, therapist=therapist)
        circle = _Circle(key, pair, *seats, carers)
        for name, viewer in zip(seats, (pair.a, pair.b), strict=True):
            self.told.people[name] = viewer
            settle(self.records, viewer)
            self._own_words(viewer, name)
        self._care(carers[0], circle)
        return circle

    def _care(self, name: str, circle: _Circle) -> None:
        before = self.told.people[name]
        self.told.people[name] = Viewer(
            before.practice_id, before.account_id, before.roles, frozenset({circle.pair.couple_id})
        )

    def _own_words(self, viewer: Viewer, name: str, *also: str) -> None:
        """Mark what belongs to one account: address, second factor, kept forms, mails."""
        with self.records.within(House(viewer.practice_id)) as scope:
            account = scope.find(Account, viewer.account_id)
            account.email = f"{self.lay('account.email', name, *also)}@post.example"
            account.totp = self.lay("account.totp").upper().ljust(32, "A")
            account.totp_next = self.lay("account.totp_next", name).upper().ljust(32, "A")
        words = {"words": [f"Something {self.lay('kept_form.fields', name)} typed"]}
        kept.keep(self.records, (viewer.practice_id, viewer.account_id), path="/account", fields=words)
        with self.records.within(House(viewer.practice_id)) as scope:
            send_link(scope, scope.find(Account, viewer.account_id))
            self._mark_link(scope, viewer, name)
            record(
                scope, Action.ACCOUNT_RESET, subject_id=viewer.account_id, note=self.lay("audit_entry.detail")
            )

    def _mark_link(self, scope: Any, viewer: Viewer, name: str) -> None:
        token = f"{viewer.practice_id}.{self.lay('outgoing_mail.link').ljust(43, 'x')}"
        own = scope.select(Invitation).where(Invitation.account_id == viewer.account_id)
        scope.one(own).token_hash = fingerprint(token)
        mail = scope.one(scope.select(OutgoingMail).where(OutgoingMail.account_id == viewer.account_id))
        mail.link, mail.fault = f"/join/{token}", self.lay("outgoing_mail.fault")
        self.told.links[name] = mail.link
        scope.flush()

    # What the couple does

    def _fill(self, circle: _Circle) -> None:
        self.told.assignments[circle.key] = {}
        house = House(circle.pair.a.practice_id, frozenset({circle.pair.couple_id}))
        with self.records.within(house) as scope:
            scope.find(Couple, circle.pair.couple_id).goals = self.lay("couple.goals", *circle.both)
        if circle.key == "two":
            with self.records.within(self._person(circle.a)) as scope:
                account_commands.change_settings(scope, locale="es", theme=Theme.DEVICE, text_size=100)
        self._questionnaires(circle)
        self._letters(circle)
        self._not_for_both(circle)
        self._therapists_words(circle)
        therapist, couple_id = self._person(circle.carers[0]), circle.pair.couple_id
        leak_care.plant(self.records, self.lay, couple_id, therapist=therapist, carers=circle.carers)
        if circle.key == "two":
            leak_care.hold(self.records, couple_id, therapist=therapist)
        if circle.key == "one":
            # What the others have besides this would only be asked for once more.
            self._more_questionnaires(circle)
            self._more_letters(circle)
            self._overlaps(circle)
            self._talks(circle)
            self._ladders(circle)
            self._agreements(circle)
            self._journals(circle)
            self._plans(circle)
            self._decks(circle)
            self._years(circle)
            self._trackers(circle)
            self._not_yet(circle)

    def _questionnaires(self, at: _Circle) -> None:
        both = self._give(at, "both", leak_exercises.mixed)
        for name in (at.a, at.b):
            self._send(at, name, both, self._mixed(at, name, couple=at.both))
        drafted = self._give(at, "drafted", self._also_in_spanish(at, leak_exercises.mixed))
        for name in (at.a, at.b):
            self._type(name, drafted, {"to_both": self.lay("draft.values", name), "how_much": 3})

    def _more_questionnaires(self, at: _Circle) -> None:
        one_sided = self._give(at, "one-sided", leak_exercises.mixed)
        self._send(at, at.a, one_sided, self._mixed(at, at.a, couple=(at.a, *at.carers)))
        declined = self._give(at, "declined", leak_exercises.mixed)
        self._type(at.a, declined, {"to_both": self.lay("draft.values of a declined round")})
        with self.records.within(self._person(at.a)) as scope:
            commands.decline(scope, task_of(scope, self._person(at.a), declined))
        back = self._give(at, "taken-back", leak_exercises.mixed)
        self._send(at, at.a, back, {"to_both": self.lay("draft.values taken back", at.a)})
        with self.records.within(self._person(at.a)) as scope:
            commands.take_back(scope, task_of(scope, self._person(at.a), back))
        shared = self._give(at, "shared", leak_exercises.mixed)
        self._send(
            at, at.a, shared, {"to_therapist": self.lay("answer.value shared", *at.both), "how_much": 2}
        )
        self._share(at.a, shared)
        held = self._give(at, "held", leak_exercises.alone, audience="held")
        self._send(at, at.a, held, {"to_therapist": self.lay("answer.value held", at.a, *at.carers)})
        self._held_in_part(at)
        private = self._give(at, "private", leak_exercises.alone, audience="private")
        self._send(at, at.a, private, {"to_therapist": self.lay("answer.value private", at.a)})

    def _held_in_part(self, at: _Circle) -> None:
        """Have one of several held answers opened; the others stay with their writer and the therapist."""
        given = self._give(at, "held-in-part", leak_exercises.of_library("root-causes"))
        answers = {
            "own_reason": self.lay("answer.value held opened", *at.both),
            "why_disconnected": self.lay("answer.value held beside", at.a, *at.carers),
            "therapist_note": self.lay("answer.value held therapist", at.a, *at.carers),
        }
        response = self._send(at, at.a, given, answers)
        open_item(self.records, self._person(at.carers[0]), response, "own_reason")

    def _also_in_spanish(self, at: _Circle, make: Any) -> Any:
        title = self.lay("exercise_copy.translations", *at.both)
        return lambda *named, **about: leak_exercises.in_spanish(make(*named, **about), title)

    def _mixed(self, at: _Circle, name: str, *, couple: tuple[str, ...]) -> dict[str, Any]:
        return {
            "only_me": self.lay("answer.value private", name),
            "to_therapist": self.lay("answer.value therapist", name, *at.carers),
            "to_both": self.lay("answer.value couple", *couple),
            "how_much": 4,
        }

    def _letters(self, at: _Circle) -> None:
        arrived = self._letter(at, "letter-now", at.both, AT_ONCE)
        with self.records.within(self._person(at.b)) as scope:
            commands.react(scope, arrived, "touched")
        self._letter(at, "letter-held", (at.a, *at.carers), Delivery(DeliveryKind.HELD))

    def _more_letters(self, at: _Circle) -> None:
        self._letter(at, "letter-later", (at.a, *at.carers), Delivery(DeliveryKind.LATER, MORNING + LATER))
        opened = self._letter(at, "letter-opened", at.both, Delivery(DeliveryKind.HELD))
        open_item(self.records, self._person(at.carers[0]), opened)
        given = self._give(at, "letter-draft", leak_exercises.letter)
        self._type(at.a, given, {"words": self.lay("draft.values letter", at.a)})

    def _letter(self, at: _Circle, key: str, readers: tuple[str, ...], delivery: Delivery) -> str:
        given = self._give(at, key, leak_exercises.letter)
        words = {"words": self.lay(f"answer.value {key}", *readers)}
        return self._send(at, at.a, given, words, delivery=delivery)

    def _overlaps(self, at: _Circle) -> None:
        waiting = self._give(at, "overlap-waiting", leak_exercises.overlap)
        self._send(at, at.a, waiting, {"walk": "comfortable", "song": "not_now"})
        met = self._give(at, "overlap-met", leak_exercises.overlap)
        self._send(at, at.a, met, {"walk": "comfortable", "song": "not_now", "nap": "maybe"})
        self._send(at, at.b, met, {"walk": "maybe", "song": "comfortable", "nap": "not_now"})
        lists = self._give(at, "overlap-lists", leak_exercises.overlap, sees=TherapistSees.LISTS)
        self._send(at, at.a, lists, {"walk": "comfortable", "song": "not_now"})

    def _talks(self, at: _Circle) -> None:
        """Say something each in a talk that goes on, with words that were never sent; and end another talk."""
        given = self._give(at, "talk", leak_exercises.of_library("check-in"))
        talk, (a, b) = Talking(self.records, at.pair, given), (at.pair.a, at.pair.b)
        talk.do(a, TalkMoves.SPEAK_FIRST, minutes=0)
        talk.do(a, TalkMoves.SAY, self.lay("talk_move.text said", *at.both), minutes=0)
        talk.do(b, TalkMoves.SAY_BACK, self.lay("talk_move.text said back", *at.both), minutes=0)
        talk.keep(a, "1.1.1.confirm", self.lay("draft.values turn", at.a))
        talk.keep(b, "1.1.1.confirm", self.lay("draft.values out of turn", at.b))
        ended = self._give(at, "talk-ended", leak_exercises.of_library("understanding-first"))
        over = Talking(self.records, at.pair, ended)
        over.do(a, TalkMoves.TOPIC, self.lay("talk_move.text topic", *at.both), minutes=0)
        over.keep(b, "topic", self.lay("draft.values never sent", at.b))
        over.do(a, TalkMoves.END, minutes=0)

    def _ladders(self, at: _Circle) -> None:
        """Climb a step of a ladder together, and one of a ladder of one's own."""
        both = self._give(at, "ladder", leak_exercises.of_library(climbing.TALK))
        for name in (at.a, at.b):
            climbing.begin(self.records, self._person(name), both)
            climbing.rate(self.records, self._person(name), both, {"saw": "ready"})
        climbing.take(self.records, self._person(at.a), both, "saw")
        told = {"received": self.lay("answer.value after a step", *at.both), "free_to_say_no": "yes"}
        climbing.tell(self.records, self._person(at.a), both, told, period="01-1")
        later = {"received": self.lay("draft.values after a step", at.b)}
        climbing.draft(self.records, self._person(at.b), both, later, period="01-1")
        alone = self._give(at, "ladder-alone", leak_exercises.of_library(climbing.ALONE))
        climbing.begin(self.records, self._person(at.a), alone)
        climbing.rate(self.records, self._person(at.a), alone, {"name_it": "ready"})
        words = {"name_it": self.lay("answer.value in a step", at.a)}
        climbing.tell(self.records, self._person(at.a), alone, words, period="01-1")

    def _journals(self, at: _Circle) -> None:
        """Keep a page to oneself, share one with the therapist, one with both, and one for a while only."""
        given, a = self._give(at, "journal", leak_exercises.of_library(keeping.SLUG)), self._person(at.a)
        pages = {
            keeping.OPEN: ("entry", "draft.values journal", (at.a,), None),
            keeping.FIRST: ("first_move", "answer.value journal", (at.a, *at.carers), Audience.THERAPIST),
            "abcdefgh2345-02": ("stopped", "answer.value journal", at.both, Audience.COUPLE),
            "abcdefgh2345-03": ("protect", "draft.values journal again", (at.a,), Audience.COUPLE),
        }
        for name, (item, place, readers, audience) in pages.items():
            keeping.write(self.records, a, given, {item: self.lay(place, *readers)}, name=name)
            if audience is not None:
                keeping.share(self.records, a, given, audience=audience, name=name)
        keeping.stop(self.records, a, given, name="abcdefgh2345-03")

    def _plans(self, at: _Circle) -> None:
        """Collect ideas, settle on one, let it take place, and look back on it."""
        given, a = self._give(at, "plan", leak_exercises.of_library(arranging.OWN)), self._person(at.a)
        ideas = {
            "idea_1": self.lay("answer.value idea", *at.both),
            "idea_why_1": self.lay("answer.value why", *at.both),
        }
        arranging.tell(self.records, a, given, "ideas", ideas)
        values = {"what": Words(self.lay("plan_event.values", *at.both)), "when": arranging.SATURDAY}
        arranging.settle_on(self.records, at.pair, given, values)
        arranging.do(self.records, self._person(at.b), given, Planning.DONE)
        how = {"moment": self.lay("answer.value looking back", *at.both), "worry": "no"}
        arranging.tell(self.records, a, given, "p1-1", how)
        other = {"moment": self.lay("draft.values looking back", at.b)}
        arranging.tell(self.records, self._person(at.b), given, "p1-1", other, sends=False)

    def _decks(self, at: _Circle) -> None:
        """Turn cards over together, answer others alone, and have a card of the therapist's own wait in the deck."""
        a, b, carer = self._person(at.a), self._person(at.b), self._person(at.carers[0])
        opened = self._give(at, "deck", leak_exercises.of_library("curiosity-cards"))
        with self.records.within(carer) as scope:
            add_card(scope, opened, self.lay("own_card.text", *at.carers))
        for viewer in (a, b):
            keys = dealing.hand(self.records, viewer, opened, 0)
            words = {f"card_{key}": self.lay("answer.value card", *at.both) for key in keys}
            guesses = {f"guess_{key}": self.lay("answer.value guess", *at.both) for key in keys}
            dealing.answer(self.records, viewer, opened, values=words | guesses)
        waiting = self._give(at, "deck-waiting", leak_exercises.of_library("hopes-and-fears"))
        (key,) = dealing.hand(self.records, a, waiting)
        alone = self.lay("answer.value card alone", at.a, *at.carers)
        dealing.answer(self.records, a, waiting, values={f"card_{key}": alone, "depth": "third"})
        self.earn(alone, at.b, waiting)
        dealing.draft(self.records, b, waiting, {f"card_{key}": self.lay("draft.values card", at.b)})

    def _years(self, at: _Circle) -> None:
        """Draw years together, and others alone."""
        opened = self._give(at, "years", leak_exercises.of_library(telling.SLUG))
        for name in (at.a, at.b):
            told = telling.story(self.lay("answer.value years", *at.both))
            telling.tell(self.records, self._person(name), opened, told)
        waiting = self._give(at, "years-waiting", leak_exercises.of_library(telling.SLUG))
        alone = self.lay("answer.value years alone", at.a, *at.carers)
        telling.tell(self.records, self._person(at.a), waiting, telling.story(alone))
        # Whoever tells their own years finds the other's beside them, from then on.
        self.earn(alone, at.b, waiting)
        telling.keep(
            self.records, self._person(at.a), waiting, {"held_us": self.lay("draft.values years", at.a)}
        )
        drafted = telling.story(self.lay("draft.values years", at.b))
        telling.keep(self.records, self._person(at.b), waiting, drafted)

    def _agreements(self, at: _Circle) -> None:
        """Sign a text, note how it went, and open it again: words of both, of one and the therapist, and of one alone."""
        given = self._give(at, "agreement", leak_exercises.of_library("pause-and-return"))
        table = negotiating.Table(self.records, at.pair, given)
        event = "agreement_event.text"
        table.do(Seat.A, EventKind.REWORD, "call", self.lay(f"{event} wording", *at.both))
        table.do(Seat.B, EventKind.PROPOSE, text=self.lay(f"{event} own clause", *at.both))
        table.do(Seat.B, EventKind.COMMENT, "call", self.lay(f"{event} remark", *at.both))
        for clause in table.view(Seat.A).clauses:
            for seat in Seat:
                table.do(seat, EventKind.AGREE, clause.key)
        table.sign()
        for seat, name in ((Seat.A, at.a), (Seat.B, at.b)):
            note = self.lay(f"{event} note", name, *at.carers)
            table.do(seat, EventKind.SLIPPED, "call", note, period="2026-W46")
        table.do(Seat.B, EventKind.REOPEN)
        table.do(Seat.B, EventKind.REWORD, "length", self.lay(f"{event} in the making", *at.both))
        table.type(Seat.A, Place.WORDING.key("length"), self.lay("draft.values wording", at.a))
        table.type(Seat.B, Place.REMARK.key("call"), self.lay("draft.values remark", at.b))

    def _trackers(self, at: _Circle) -> None:
        for key, audience, readers in (
            ("log-couple", "couple", at.both),
            ("log-therapist", "therapist", (at.a, *at.carers)),
            ("log-private", "private", (at.a,)),
        ):
            given = self._give(at, key, leak_exercises.tracker, audience=audience)
            note = self.lay(f"answer.value {key}", *readers)
            self._send(at, at.a, given, {"log": "yes", "log_note": note})
        asking = self._give(at, "log-asking", leak_exercises.tracker, asks=True)
        for name in (at.a, at.b):
            self._send(at, name, asking, {"log": "no"})
            self._tell_alone(name, asking, self.lay("answer.value log alone", name, *at.carers))

    def _tell_alone(self, name: str, assignment: str, words: str) -> None:
        """Answer what is asked alone about a habit this week."""
        viewer = self._person(name)
        with self.records.within(viewer) as scope:
            task, period = task_of(scope, viewer, assignment), afterwards_round(day_in(ZONE, scope.now))
            form = HABIT.walk(scope, task, period)
            typed = {"free_to_say_no": "yes", "told_alone": words}
            asked = aside(scope, task, MechanicName.TRACKER, period=period, form=form)
            commands.keep_draft(scope, asked, typed, revision=None)
            asked = aside(scope, task, MechanicName.TRACKER, period=period, form=form)
            commands.send(scope, asked, once_key=new_id())

    def _not_for_both(self, at: _Circle) -> None:
        mine = self._give(at, "for-a", leak_exercises.alone, whom=Whom.A, seen_by=(at.a, *at.carers))
        words = {"to_therapist": self.lay("answer.value for-a", at.a, *at.carers)}
        self._send(at, at.a, mine, words)

    def _not_yet(self, at: _Circle) -> None:
        self._give(at, "letter-for-a", leak_exercises.letter, whom=Whom.A, seen_by=(at.a, *at.carers))
        self._give(at, "for-b", leak_exercises.alone, whom=Whom.B, seen_by=(at.b, *at.carers))
        self._give(at, "unreleased", leak_exercises.mixed, release=False, seen_by=at.carers)
        soon = MORNING + LATER
        self._give(at, "opens-later", leak_exercises.mixed, opens_at=soon, seen_by=at.carers)
        ended = self._give(at, "withdrawn", leak_exercises.mixed)
        self._type(at.a, ended, {"to_both": self.lay("draft.values withdrawn", at.a)})
        with self.records.within(self._person(at.carers[0])) as scope:
            care_commands.end(scope, ended, state=AssignmentState.WITHDRAWN)

    def _therapists_words(self, at: _Circle) -> None:
        both, sides = self.told.assignments[at.key]["both"], {Seat.A: at.a, Seat.B: at.b}
        said = [
            (both, Audience.NOTE, None, at.carers),
            (both, Audience.REPLY_BOTH, None, at.both),
            *((both, Audience.REPLY, seat, (name, *at.carers)) for seat, name in sides.items()),
            (self.told.assignments[at.key]["for-a"], Audience.REPLY, Seat.A, (at.a, *at.carers)),
        ]
        with self.records.within(self._person(at.carers[0])) as scope:
            for assignment, to, seat, readers in said:
                words = self.lay(f"feedback.body {to}", *readers)
                care_commands.give_feedback(scope, assignment, words, to=to, seat=seat, once_key=new_id())
            care_commands.mark_read(scope, both)
            for copy in (Copy.JOINT, Copy.CLINICIAN):
                summary = self.lay(f"report_words.summary {copy}", *at.carers)
                comment = self.lay(f"report_words.comment {copy}", *at.carers)
                keep_words(scope, at.pair.couple_id, copy, summary=summary, comment=comment)

    def _person(self, name: str) -> Viewer:
        return self.told.people[name]

    def _give(
        self,
        at: _Circle,
        key: str,
        make: Any,
        *,
        whom: Whom = Whom.BOTH,
        release: bool = True,
        opens_at: Any = None,
        sees: TherapistSees = TherapistSees.OVERLAP,
        seen_by: tuple[str, ...] = (),
        **about: Any,
    ) -> str:
        readers = seen_by or at.both
        slug = f"{at.key}-{key}"
        title = self.lay(f"exercise_copy.source title of {key}", *readers)
        inside = self.lay(f"exercise_copy.source clinician's part of {key}", *at.carers)
        exercise: Exercise = make(slug, title, inside=inside, **about)
        plan = care_commands.Plan(
            couple_id=at.pair.couple_id,
            whom=whom,
            recurrence=Recurrence(exercise.recurrence),
            opens_at=opens_at,
            instructions=self.lay(f"assignment.instructions {key}", *readers),
            sees=sees,
            release=release,
        )
        with self.records.within(self._person(at.carers[0])) as scope:
            given = care_commands.assign(scope, exercise, plan, once_key=new_id()).id
        self.told.assignments[at.key][key] = given
        return given

    def _type(self, name: str, assignment: str, values: Mapping[str, Any]) -> None:
        viewer = self._person(name)
        with self.records.within(viewer) as scope:
            commands.keep_draft(scope, task_of(scope, viewer, assignment), values, revision=None)

    def _send(
        self,
        at: _Circle,
        name: str,
        assignment: str,
        values: Mapping[str, Any],
        *,
        delivery: Delivery = AT_ONCE,
    ) -> str:
        del at
        viewer = self._person(name)
        self._type(name, assignment, values)
        with self.records.within(viewer) as scope:
            task = task_of(scope, viewer, assignment)
            return commands.send(scope, task, once_key=new_id(), delivery=delivery).id

    def _share(self, name: str, assignment: str) -> None:
        viewer = self._person(name)
        with self.records.within(viewer) as scope:
            own = scope.select(Answer).where(
                Answer.assignment_id == assignment, Answer.item == "to_therapist"
            )
            commands.share(scope, scope.one(own).id)
