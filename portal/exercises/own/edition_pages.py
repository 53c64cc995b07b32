"""What the pages around publishing an own exercise show: a look at the draft, the last check, the editions and changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from portal.access.scope import Scope
from portal.access.viewer import Seat
from portal.exercises import preview_pages
from portal.exercises.own.conditions import in_words
from portal.exercises.own.drafts import Draft, as_draft
from portal.exercises.own.forms import PublishForm
from portal.exercises.own.models import OwnEdition, OwnWork
from portal.exercises.own.outline import field_words
from portal.exercises.own.pages import is_changed, place_words, problems
from portal.exercises.own.preview import viewable
from portal.exercises.own.queries import editions
from portal.exercises.own.schema import Shape, Table, value_at, walk
from portal.exercises.own.shapes import parts_of
from portal.exercises.own.state import standing
from portal.kit.word_diff import Span, word_diff
from portal.web.translate import _


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in two editions."""

    place: str
    spans: tuple[Span, ...]


def preview(
    scope: Scope,
    work: OwnWork,
    *,
    draft: Draft,
    version: int,
    couple_id: str | None,
    seat: str,
    endpoint: str,
) -> dict[str, Any]:
    """Return a draft as partners will see it; without a couple with roles in place of names."""
    exercise = viewable(draft, slug=work.slug, version=version)
    shared = {"work": work, "title": work.title or _("Without a title yet"), "version": version}
    if exercise is None:
        return shared | {"card": None, "problems": problems(work)}
    shown = preview_pages.item(scope, exercise, couple_id=couple_id, seat=seat, language=None)
    people, chosen = shown["people"], shown["chosen"]
    if people is not None:
        links = [
            (_("Without names"), None),
            *((_("As %(name)s", name=people.at(s).first_name), s) for s in Seat),
        ]
        shown["places"] = [
            {
                "label": words,
                "url": url_for(endpoint, work_id=work.id, version=version, couple=couple_id, seat=each),
                "current": (chosen.seat if chosen else None) is each,
            }
            for words, each in links
        ]
    return shared | shown | {"problems": []}


def publishing(scope: Scope, work: OwnWork, form: PublishForm) -> dict[str, Any]:
    """Return the last look before publishing: what is left to do, or what happens."""
    form.revision.data = str(work.revision)
    rows = editions(scope, work)
    before = as_draft(rows[0].draft) if rows else None
    return {
        "work": work,
        "title": work.title or _("Without a title yet"),
        "form": form,
        "problems": problems(work),
        "version": work.version + 1,
        "standing": standing(work, is_changed=is_changed(scope, work)),
        "is_changed": is_changed(scope, work),
        "changes": [] if before is None else differences(before, as_draft(work.draft)),
    }


def versions(scope: Scope, work: OwnWork) -> dict[str, Any]:
    """Return the published editions, the newest first, each with what is different from the one before."""
    rows = editions(scope, work)
    older: dict[int, OwnEdition] = {each.version: each for each in rows}
    shown = [
        {
            "version": each.version,
            "published_at": each.published_at,
            "changes": differences(as_draft(older[each.version - 1].draft), as_draft(each.draft))
            if each.version - 1 in older
            else [],
            "is_first": each.version - 1 not in older,
            "for_practice": work.shelf == "practice" and work.practice_version == each.version,
        }
        for each in rows
    ]
    return {
        "work": work,
        "title": work.title,
        "editions": shown,
        "standing": standing(work, is_changed=is_changed(scope, work)),
        "is_changed": is_changed(scope, work),
        "changes": differences(as_draft(rows[0].draft), as_draft(work.draft)) if rows else [],
    }


def differences(before: Draft, after: Draft) -> list[Difference]:
    """Return everything that is not the same in two drafts, in the order of the newer one; what is gone comes last."""
    old, new = dict(texts_of(before)), dict(texts_of(after))
    keys = [*new, *(key for key in old if key not in new)]
    places = {**{key: each[0] for key, each in old.items()}, **{key: each[0] for key, each in new.items()}}
    pairs = [(places[key], old.get(key, ("", ""))[1], new.get(key, ("", ""))[1]) for key in keys]
    return [Difference(place, word_diff(first, then)) for place, first, then in pairs if first != then]


def texts_of(draft: Draft) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what a draft says, field by field: a name that stays the same over editions, then place and words."""
    for found in walk(draft, parts_of(draft)):
        name = "/".join(found.where)
        place = place_words(draft, found)
        for field in found.shown:
            words = _whole(field, found.table)
            if words:
                yield (
                    f"{name}/{field.key}",
                    (_("%(place)s: %(field)s", place=place, field=field.label), words),
                )
        if found.listing is not None and (said := in_words(draft, found.table)):
            yield f"{name}/when", (_("%(place)s: when it is asked", place=place), "; ".join(said))
        for listing in found.lists:
            rows = value_at(found.table, listing.key) or []
            titles = [_title_of(each, listing.named_by) for each in rows]
            if titles:
                words = " · ".join(titles)
                yield f"{name}/{listing.key}", (_("%(place)s: order", place=str(listing.title)), words)


def _whole(field: Any, table: Mapping[str, Any]) -> str:
    value = value_at(table, field.key)
    if field.shape in {Shape.LINE, Shape.TEXT, Shape.NUMBER}:
        return "" if value is None else str(value)
    if field.shape in {Shape.LINES, Shape.ROWS} and isinstance(value, list):
        return " · ".join(map(str, value))
    return field_words(field, table)


def _title_of(entry: Table, named_by: str) -> str:
    """Return what an entry of a list is called."""
    return str(entry.get(named_by) or _("Nothing written yet"))
