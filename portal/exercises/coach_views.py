"""Hints while somebody types: the words come in, remarks go out, and nothing is kept in between."""

import json
import re
from typing import Any, Final

from flask import abort, request

from portal.access.policy import Permission
from portal.exercises import coach_pages
from portal.exercises.coach import Kind
from portal.exercises.coach.beside import Slot
from portal.exercises.room import room
from portal.web.render import render
from portal.web.room import For

MOST_PARTS: Final = 12
MOST_LETTERS: Final = 20_000
_NAME: Final = re.compile(r"[\w-]{1,60}")


@room.page("/words", permission=Permission.DO_HOMEWORK, audience=For.PARTNER, methods=("POST",))
def words() -> Any:
    """Answer with what the coach says about words that are being typed. Stores and logs nothing of them."""
    slots = _slots()
    typed = {slot.name: request.form.get(slot.name, "") for slot in slots}
    if sum(map(len, typed.values())) > MOST_LETTERS:
        return "", 204
    return render("exercises/partner/hints.html", coach=coach_pages.beside(_kind(), slots, typed))


def _kind() -> Kind:
    try:
        return Kind(request.form.get("kind", ""))
    except ValueError:
        abort(400)


def _slots() -> list[Slot]:
    """Return the inputs that the page asks about; whatever isn't a list of them is no request of ours."""
    try:
        rows = json.loads(request.form.get("slots", ""))
        found = [Slot(str(name), str(starter), bool(needed)) for name, starter, needed in rows]
    except (ValueError, TypeError):
        abort(400)
    if not 0 < len(found) <= MOST_PARTS or not all(_NAME.fullmatch(slot.name) for slot in found):
        abort(400)
    return found
