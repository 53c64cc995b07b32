"""Makes pages, items and scores out of the tables of a definition file."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from portal.access.privacy import Audience
from portal.kit.library import Table
from portal.questionnaires.model import (
    ANSWER_AUDIENCES,
    CHOICE_KINDS,
    ORDERED_KINDS,
    RESERVED_ITEM_KEYS,
    SCALE_POINTS,
    TEXT_KINDS,
    UNANSWERABLE,
    Band,
    Condition,
    Direction,
    Item,
    ItemKind,
    Match,
    Missing,
    Operator,
    Option,
    Page,
    Rule,
    Score,
    as_date,
    repeated,
)
from portal.questionnaires.scoring import ends_of

SHORT_LENGTH: Final = 200
LONG_LENGTH: Final = 4000
MOST_LENGTH: Final = 20_000
_TAKEN = re.compile(r"validate(?:_.*)?")


def read_pages(
    table: Table, audience: Audience, *, allowed: Collection[Audience] = ANSWER_AUDIENCES
) -> tuple[Page, ...]:
    """Return the pages of a table's ``pages``; items without an audience of their own get the one given.

    Notes mistakes for audiences that aren't allowed, for keys that come twice, and for conditions that look
    at anything but an item on an earlier page.
    """
    pages: list[Page] = []
    known: dict[str, Item] = {}
    for page_table in table.tables("pages"):
        reader = _ItemReader(audience, allowed, dict(known))
        page = reader.page(page_table)
        for key in repeated([*known, *(item.key for item in page.items)]):
            page_table.complain("items", f"the item key {key} comes twice")
        known.update({item.key: item for item in page.items})
        pages.append(page)
    for key in repeated([page.key for page in pages]):
        table.complain("pages", f"the page key {key} comes twice")
    return tuple(pages)


def read_options(table: Table, *, with_scores: bool = True, at_least: int = 2) -> tuple[Option, ...]:
    """Return the options of a table's ``options``; notes too few of them and keys that come twice."""
    options = tuple(_option(entry, with_scores=with_scores) for entry in table.tables("options"))
    if len(options) < at_least:
        table.complain("options", f"must hold at least {at_least}")
    for key in repeated([option.key for option in options]):
        table.complain("options", f"the option key {key} comes twice")
    return options


def item_key(table: Table) -> str:
    """Return the ``key`` of an item; notes one that a web form keeps for itself."""
    key = table.key("key")
    if key in RESERVED_ITEM_KEYS or _TAKEN.fullmatch(key):
        table.complain("key", f"{key} is taken by the web form; choose another word")
    return key


def read_scores(table: Table, pages: Sequence[Page]) -> tuple[Score, ...]:
    """Return the scores of a table's ``scores``; notes parts that are unknown or can't be counted."""
    items = {item.key: item for page in pages for item in page.walk()}
    scores: dict[str, Score] = {}
    for entry in table.optional_tables("scores"):
        score = _score(entry, items, scores)
        if score.key in items or score.key in scores:
            entry.complain("key", f"{score.key} is already the key of an item or score")
        scores[score.key] = score
    return tuple(scores.values())


def _option(table: Table, *, with_scores: bool) -> Option:
    return Option(
        key=table.key("key"),
        text=table.text("text", at_most=300),
        score=table.optional_number("score", default=None) if with_scores else None,
        exclusive=table.flag("exclusive", default=False) if with_scores else False,
    )


class _ItemReader:
    """Reads the items of one page, knowing those on earlier pages."""

    def __init__(
        self, audience: Audience, allowed: Collection[Audience], earlier: Mapping[str, Item]
    ) -> None:
        self._audience = audience
        self._allowed = allowed
        self._earlier = earlier

    def page(self, table: Table) -> Page:
        return Page(
            key=table.key("key"),
            title=table.text("title", at_most=120),
            intro=table.optional_text("intro"),
            hint=table.optional_text("hint"),
            items=tuple(self.item(entry) for entry in table.tables("items")),
        )

    def item(self, table: Table) -> Item:
        kind = table.choice("kind", ItemKind)
        if kind is ItemKind.GROUP:
            table.complain("kind", "groups can't be written here; use pages")
        low, high = _read_ends(table, kind)
        least, most = _read_lengths(table, kind)
        conditions = tuple(self._condition(entry) for entry in table.optional_tables("when"))
        item = Item(
            key=item_key(table),
            kind=kind,
            text=table.text("text"),
            hint=table.optional_text("hint"),
            audience=self._item_audience(table),
            options=_read_item_options(table, kind),
            low=low,
            high=high,
            low_text=table.text("low_text", at_most=60) if kind is ItemKind.SCALE else "",
            high_text=table.text("high_text", at_most=60) if kind is ItemKind.SCALE else "",
            decimals=table.optional_integer("decimals", default=0, low=0, high=3)
            if kind is ItemKind.NUMBER
            else 0,
            unit=table.optional_text("unit", at_most=30) if kind is ItemKind.NUMBER else "",
            min_length=least,
            max_length=most,
            required=table.flag("required", default=False) if kind not in UNANSWERABLE else False,
            prefer_not=table.flag("prefer_not", default=True) if kind not in UNANSWERABLE else False,
            when=conditions,
            when_match=_read_match(table, len(conditions)),
            care=table.optional_texts("care"),
            care_from=table.optional_number("care_from", default=None),
        )
        _check_care(table, item)
        return item

    def _item_audience(self, table: Table) -> Audience:
        audience = table.optional_choice("audience", Audience, default=self._audience)
        if audience not in self._allowed:
            table.complain("audience", f"{audience.value} isn't possible here")
        return audience

    def _condition(self, table: Table) -> Condition:
        condition = Condition(
            item=table.text("item"), op=table.choice("op", Operator), value=table.scalar("value")
        )
        source = self._earlier.get(condition.item)
        if source is None or not source.is_answerable:
            table.complain("item", f"there is no question {condition.item!r} on an earlier page")
        elif not _makes_sense(condition, source):
            table.complain(
                "value", f"{condition.op.value} {condition.value!r} can never be asked of {source.key}"
            )
        return condition


def _check_care(table: Table, item: Item) -> None:
    """What raises a flag is answered to the therapist alone, and must be something that can be answered."""
    if (item.care or item.care_from is not None) and item.audience is not Audience.THERAPIST:
        table.complain("audience", "must be therapist where an answer may raise a flag")
    for key in item.care:
        if item.option(key) is None:
            table.complain("care", f"there is no option {key}")
    if item.care_from is not None and item.kind not in ORDERED_KINDS:
        table.complain("care_from", "is for scales and numbers")


def _makes_sense(condition: Condition, source: Item) -> bool:
    """Say whether a condition can be asked of an item: the right type of value, an option that exists."""
    value = condition.value
    if condition.op is Operator.EXISTS:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if source.kind in CHOICE_KINDS:
        is_order = condition.op not in (Operator.EQUALS, Operator.DIFFERS)
        return not is_order and isinstance(value, str) and source.option(value) is not None
    if source.kind in TEXT_KINDS:
        return False
    if source.kind is ItemKind.DATE:
        return as_date(value) is not None
    return source.kind in ORDERED_KINDS and not isinstance(value, str)


def _read_match(table: Table, conditions: int) -> Match:
    if conditions > 1:
        return table.choice("when_match", Match)
    return table.optional_choice("when_match", Match, default=Match.ANY)


def _read_item_options(table: Table, kind: ItemKind) -> tuple[Option, ...]:
    if kind not in CHOICE_KINDS:
        return ()
    options = read_options(table)
    if kind is ItemKind.CHOICE and any(option.exclusive for option in options):
        table.complain("options", "only a multi item has exclusive options")
    return options


def _read_ends(table: Table, kind: ItemKind) -> tuple[int | float | None, int | float | None]:
    if kind is ItemKind.SCALE:
        low, high = table.integer("low"), table.integer("high")
        if high - low + 1 not in SCALE_POINTS:
            table.complain("high", f"a scale has {SCALE_POINTS.start} to {SCALE_POINTS.stop - 1} points")
        return low, high
    if kind is ItemKind.NUMBER:
        least, most = table.number("low"), table.number("high")
        if not least < most:
            table.complain("high", "must be above low")
        return least, most
    return None, None


def _read_lengths(table: Table, kind: ItemKind) -> tuple[int, int | None]:
    if kind not in TEXT_KINDS:
        return 0, None
    usual = SHORT_LENGTH if kind is ItemKind.SHORT else LONG_LENGTH
    most = table.optional_integer("max_length", default=usual, low=1, high=MOST_LENGTH)
    least = table.optional_integer("min_length", default=0, low=0)
    if least > most:
        table.complain("min_length", "must not be above max_length")
    return least, most


def _score(table: Table, items: Mapping[str, Item], scores: Mapping[str, Score]) -> Score:
    rule = table.choice("rule", Rule)
    keys = table.texts("items")
    weights = table.numbers("weights")
    if weights and (rule is Rule.WEIGHT or len(weights) != len(keys) or min(weights) <= 0):
        table.complain("weights", "must be one number above 0 for each item of a sum or mean")
    for key in repeated(keys):
        table.complain("items", f"{key} comes twice")
    for key in keys:
        _check_part(table, key, items.get(key), is_score=key in scores)
    return Score(
        key=table.key("key"),
        title=table.text("title", at_most=120),
        items=keys,
        rule=rule,
        missing=_read_missing(table, len(keys)),
        higher_is=table.choice("higher_is", Direction),
        bands=_read_bands(table),
        weights=weights,
    )


def _check_part(table: Table, key: str, item: Item | None, *, is_score: bool) -> None:
    if item is None:
        if not is_score:
            table.complain("items", f"there is no item, and no score above, with the key {key!r}")
        return
    ends = ends_of(item)
    if ends is None or ends.span <= 0:
        table.complain("items", f"{key} can't be counted: it needs two ends, or a score on each option")


def _read_missing(table: Table, parts: int) -> Missing | int:
    if isinstance(table.peek("missing"), str) or "missing" not in table:
        return table.choice("missing", Missing)
    return table.integer("missing", low=1, high=parts)


def _read_bands(table: Table) -> tuple[Band, ...]:
    bands = tuple(
        Band(text=entry.text("text", at_most=200), upto=entry.optional_number("upto", default=None))
        for entry in table.optional_tables("bands")
    )
    tops = [band.upto for band in bands[:-1]]
    last = bands[-1].upto if bands else None
    rising = [top for top in tops if top is not None] + ([] if last is None else [last])
    if None in tops or rising != sorted(set(rising)):
        table.complain("bands", "each but the last needs an upto, higher than the one before")
    return bands
