"""Walks every page that one person can ask for, and every page that they can't, and keeps what they were handed."""

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import product
from typing import Any
from urllib.parse import urlencode

from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.exercises.shelf import library
from portal.web.room import MEMBERS, For, guard_of
from tests.house.baits import words_in, words_in_paper
from tests.pages import DAY_TO_COME, TYPED, Form, read
from tests.portal_app import Visitor, masked

NOBODY = "nobodyatallnobodyatall2345"
"""An id that nothing has."""
ID = re.compile(r"[a-z2-7]{26}")
NOT_FOLLOWED = re.compile(r"/(?:static|styleguide|leave)\b")
"""Static files are the same for all, the style guide isn't part of a practice, and Leave ends the session."""
SITTING = re.compile(r"\bsitting=[\w-]+")
"""What an address carries as long as somebody is signed in: fresh each time."""
SHIPPED = re.compile(rf"/(?:{'|'.join(map(re.escape, sorted(library())))})(?=/|$)")
"""An exercise of the library in an address: the same for all practices, so a few of them stand for all."""
MOST_VARIANTS = 5
MOST_OF_SHIPPED = 12
MOST_OF_ONE_SHAPE = 3
MOST_COMBINATIONS = 40
MOST_KNOWN = 6
MOST_OF_OTHER_TABLES = 3
MOST_BEHIND_CLOSED_DOORS = 2
MOST_PAPERS = 3
MOST_CHOICES = 3
OTHER_TABLES = {
    "flag_id": "safety_flag",
    "kept_id": "kept_form",
    "session_id": "login_session",
    "template_id": "instruction_template",
}
TEXTS = {
    "key": ("page_one", "letter", "some", "log"),
    "slug": ("stressors", "one-for-a"),
    "token": (f"{NOBODY}.{'x' * 43}",),
}
"""What is put into parameters that aren't ids."""
BAG = {
    "choice": "thank_you", "go": "send", "revision": "0", "to": "note", "body": TYPED, "words": TYPED, "log": "yes",
    "whom": "both", "recurrence": "once", "release": "now", "sees": "overlap", "delivery": "now", "day": DAY_TO_COME,
    "hour": "18", "once_key": "a-key-of-a-form", "to_both": TYPED, "summary": TYPED, "comment": TYPED, "copy": "joint",
    "first": "2026-11-01", "last": "2026-11-30", "until": "2026-11-19T09:00:00+00:00", "instructions": TYPED,
}  # fmt: skip
"""One field for each thing that some form asks."""


def table_of(parameter: str) -> str | None:
    """Return the table whose ids a route's parameter takes, or None for one that takes no id."""
    if parameter in TEXTS or not parameter.endswith("_id"):
        return None
    return OTHER_TABLES.get(parameter, parameter.removesuffix("_id"))


def texts_for(parameter: str) -> tuple[str, ...]:
    """Return what is put into a route's parameter that takes no id."""
    return TEXTS.get(parameter, ("1", "2"))


def papers_text(pdf: bytes) -> str:
    """Return the text of a PDF."""
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, check=True, capture_output=True)
    return done.stdout.decode()


@dataclass
class Crawl:
    """One person's walk. ``knows`` says by (table, id) who may know of a row; ``name`` is the person's.

    ``cares`` holds the ids of couples and partners that a therapist looks after: knowing others by name, as an
    administrator does, opens no page that is for their therapist.
    """

    visitor: Visitor
    name: str
    knows: dict[tuple[str, str], frozenset[str]]
    cares: frozenset[str] = frozenset()
    most_links: int = 500
    """After how many pages that were there the reading ends."""
    most_hidden: int = 100
    """How many hidden ids are put into each place of an address; other people's crawls try others of them."""
    most_misses: int = 1000
    """After how many addresses that lead nowhere no further ones of their kind are guessed; links are followed."""
    found: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Marked words, and where they were handed out."""
    pages: dict[str, bytes] = field(default_factory=dict)
    """What each address answered, without what is fresh in each answer."""
    forms: dict[tuple[Any, ...], tuple[str, Form]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    """Addresses of things that this person may not know of, which answered otherwise than for no such thing."""
    _variants: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _shapes: dict[tuple[Any, ...], int] = field(default_factory=lambda: defaultdict(int))
    _papers: int = 0
    _opened: int = 0
    _groups: dict[tuple[str | None, For], tuple[list[str], list[str]]] = field(default_factory=dict)
    _expected: dict[tuple[str, str], bytes] = field(default_factory=dict)

    # Reading

    def read_everything(self) -> None:
        """Open every page: all that is linked, and every route with every id this person may know."""
        _ = self.visitor.csrf
        waiting = [
            (path, rule.rule)
            for rule in self._rules("GET")
            for path, _hidden in self._of_rule(rule, known=True)
        ]
        done: set[str] = set()
        misses: dict[str, int] = defaultdict(int)
        while waiting and self._opened < self.most_links:
            path, guessed = waiting.pop(0)
            if path in done or misses[guessed] >= self.most_misses or not self._is_new_variant(path):
                continue
            done.add(path)
            there = self._opened
            waiting += [(each, "") for each in self._open(path)]
            if guessed:
                misses[guessed] += 1 if self._opened == there else -self.most_misses

    def _open(self, path: str) -> list[str]:
        answer = self.visitor.get(path)
        self.take_in(f"GET {path}", answer)
        # A page that isn't there for this person costs little, and doesn't keep the walk from those that are.
        self._opened += answer.status_code != HTTPStatus.NOT_FOUND
        leads = [answer.location] if answer.location and answer.location.startswith("/") else []
        if answer.mimetype == "text/html":
            page = read(path, answer.get_data(as_text=True))
            leads += sorted(page.links)
            for form in page.forms:
                leads += self._note_form(path, form)
        return [each for each in leads if not NOT_FOLLOWED.match(each)]

    def _note_form(self, path: str, form: Form) -> list[str]:
        if form.method == "get":
            return list(_asked_by(form))
        shape = (
            ID.sub("*", form.action),
            frozenset(form.fields),
            frozenset(form.choices),
            tuple(form.buttons),
        )
        if (form.action, *shape) not in self.forms and self._shapes[shape] < MOST_OF_ONE_SHAPE:
            self._shapes[shape] += 1
            self.forms[(form.action, *shape)] = (path, form)
        return []

    def take_in(self, where: str, answer: TestResponse) -> None:
        """Look through one answer: headers and body, and the text of a paper."""
        where = SITTING.sub("sitting=*", where)
        self.pages[where] = masked(answer)
        if answer.status_code >= 500:
            self.faults.append(f"{where}: {answer.status_code}")
        handed = str(answer.headers).encode() + b"\n" + answer.get_data()
        words = words_in(handed)
        if answer.mimetype == "application/pdf":
            words |= words_in_paper(papers_text(answer.get_data()))
        for word in words:
            self.found[word].append(where)

    def _is_new_variant(self, path: str) -> bool:
        plain = path.partition("?")[0]
        shape = SHIPPED.sub("/*", plain)
        self._variants[shape] += 1
        return self._variants[shape] <= (MOST_VARIANTS if shape == plain else MOST_OF_SHIPPED)

    # Addresses

    def _rules(self, method: str) -> Iterator[Rule]:
        for rule in self.visitor.site.app.url_map.iter_rules():
            if method in (rule.methods or ()) and not NOT_FOLLOWED.match(rule.rule):
                yield rule

    def _addresses(self, method: str, *, known: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield addresses with the ids in them that this person may not know; with ``known`` there are none."""
        for rule in self._rules(method):
            yield from self._of_rule(rule, known=known)

    def _of_rule(self, rule: Rule, *, known: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
        names = sorted(rule.arguments)
        hideable = [name for name in names if table_of(name)]
        if known:
            choices = [self._known(name, rule) if table_of(name) else texts_for(name) for name in names]
            combinations = list(product(*choices))
            for values in combinations[:: -(-len(combinations) // MOST_COMBINATIONS) or 1]:
                yield _address(rule, dict(zip(names, values, strict=True))), ()
            return
        for hidden in hideable:
            others = [
                ("",)
                if name == hidden
                else (self._known(name, rule)[:1] or (NOBODY,))
                if table_of(name)
                else texts_for(name)[:1]
                for name in names
            ]
            for row_id in self._hidden(hidden, rule):
                for values in product(*others):
                    filled = dict(zip(names, values, strict=True)) | {hidden: row_id}
                    yield _address(rule, filled), (row_id,)

    def _may_enter(self, rule: Rule) -> bool:
        roles = self.visitor.viewer.roles if self.visitor.viewer else frozenset()
        audience = self._audience(rule)
        return audience is For.ANYONE or bool(roles & MEMBERS[audience])

    def _audience(self, rule: Rule) -> For:
        guard = guard_of(self.visitor.site.app, rule.endpoint)
        assert guard is not None
        return guard[1]

    def _may_know(self, table: str, row_id: str, audience: For) -> bool:
        if table in {"couple", "account"} and audience is For.THERAPIST:
            return row_id in self.cares
        return self.name in self.knows[table, row_id]

    def _known(self, parameter: str, rule: Rule) -> tuple[str, ...]:
        wanted = table_of(parameter)
        audience = self._audience(rule)
        mine = [
            each for table, each in self.knows if table == wanted and self._may_know(table, each, audience)
        ]
        if not self._may_enter(rule):
            return tuple(mine[:MOST_BEHIND_CLOSED_DOORS])
        return tuple(mine if wanted == "assignment" else mine[:MOST_KNOWN])

    def _hidden(self, parameter: str, rule: Rule) -> list[str]:
        """Return ids that this person may not know: one for each set of people who may, and some of other tables.

        Where the whole page is closed to a role, two are enough.
        """
        asked = (table_of(parameter), self._audience(rule))
        if asked not in self._groups:
            self._groups[asked] = self._hidden_groups(*asked)
        own_table, others = self._groups[asked]
        if not self._may_enter(rule):
            return [*own_table, *others][:MOST_BEHIND_CLOSED_DOORS]
        # Each address begins at another one, so that all of them come up somewhere.
        first = (len(rule.rule) + len(self.name)) % max(1, len(own_table))
        chosen = (own_table[first:] + own_table[:first])[: self.most_hidden]
        return chosen + others[len(rule.rule) % 4 :: 4][:MOST_OF_OTHER_TABLES]

    def _hidden_groups(self, wanted: str | None, audience: For) -> tuple[list[str], list[str]]:
        groups: dict[tuple[str, frozenset[str]], str] = {}
        for (table, row_id), who in self.knows.items():
            if not self._may_know(table, row_id, audience):
                groups.setdefault((table, who if table == wanted else frozenset()), row_id)
        own_table = [row_id for (table, _who), row_id in groups.items() if table == wanted]
        others = [row_id for (table, _who), row_id in groups.items() if table != wanted]
        return own_table, others

    # What must not be told from what isn't there

    def ask_for_hidden(self) -> None:
        """Ask in every way for what this person may not know of, and compare with asking for nothing at all."""
        for path, hidden in self._addresses("GET", known=False):
            self._compare("GET", path, hidden)
        for path, hidden in self._addresses("POST", known=False):
            self._compare("POST", path, hidden)

    def _compare(self, method: str, path: str, hidden: tuple[str, ...]) -> None:
        empty = path
        for row_id in hidden:
            empty = empty.replace(row_id, NOBODY)
        if (method, empty) not in self._expected:
            self._expected[method, empty] = self._answer(method, empty)
        answer = self._answer(method, path)
        for row_id in hidden:
            answer = answer.replace(row_id.encode(), NOBODY.encode())
        if answer != self._expected[method, empty]:
            self.differences.append(f"{method} {path} ({answer[:3].decode()})")

    def _answer(self, method: str, path: str) -> bytes:
        if method == "GET":
            answer = self.visitor.get(path)
        else:
            answer = self.visitor.post(path, BAG | {"csrf_token": self.visitor.csrf, "writer": ""})
        self.take_in(f"{method} {path}", answer)
        return self.pages.pop(f"{method} {path}")

    # Sending

    def send_everything(self) -> None:
        """Send every form that was met, each from the same beginning, and read where it leads."""
        kept = self.visitor.cookie()
        for path, form in list(self.forms.values()):
            for button in range(max(1, len(form.buttons))):
                self._send(path, form, button)
                self.visitor.site.restore()
                self.visitor.bake(kept)

    def _send(self, path: str, form: Form, button: int) -> None:
        if (form.buttons[button : button + 1] or [("", "")])[0] == ("go", "download"):
            self._papers += 1
            if self._papers > MOST_PAPERS:
                return
        fields = form.filled(button=button)
        answer = self.visitor.post(form.action, fields)
        where = f"POST {form.action} from {path} by {form.buttons[button : button + 1]}"
        self.take_in(where, answer)
        for _step in range(3):
            if not (answer.location or "").startswith("/") or NOT_FOLLOWED.match(answer.location):
                return
            where = f"{where}, GET {answer.location}"
            answer = self.visitor.get(answer.location)
            self.take_in(where, answer)


def _asked_by(form: Form) -> Iterator[str]:
    """Yield the addresses that a form of questions leads to: as it stands, and with each of its choices."""
    filled, plain = form.filled(), form.action.partition("?")[0]
    yield f"{plain}?{urlencode(filled, doseq=True)}"
    for name, values in form.choices.items():
        for value in values[:MOST_CHOICES]:
            yield f"{plain}?{urlencode(filled | {name: [value]}, doseq=True)}"


def _address(rule: Rule, values: dict[str, Any]) -> str:
    built = rule.build(values, append_unknown=False)
    assert built is not None, rule
    return str(built[1])
