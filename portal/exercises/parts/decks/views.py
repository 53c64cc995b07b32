"""The page of a deck for partners, taking a round back, and a therapist's own cards."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers.response import Response as Answered

from portal.access.policy import Permission, Refused
from portal.exercises.commands import TooLate
from portal.exercises.forms import ConfirmForm
from portal.exercises.mechanics.base import MechanicName
from portal.exercises.mechanics.deck import CARD_LENGTH
from portal.exercises.partner_room import names_at_hand, page, task_at_hand
from portal.exercises.parts.decks import commands, pages
from portal.exercises.parts.decks.forms import CardForm
from portal.exercises.parts.decks.review_pages import card_seen
from portal.exercises.queries import Task
from portal.exercises.room import room
from portal.web.current import scope
from portal.web.forms import PortalForm
from portal.web.render import render
from portal.web.room import For
from portal.web.translate import _


def _task(assignment_id: str) -> Task:
    found = task_at_hand(assignment_id)
    if MechanicName.DECK not in found.exercise.mechanics:
        raise Refused("not a deck")
    return found


@page("/t/<assignment_id>/cards")
def deck(assignment_id: str) -> str:
    """Show the cards of a round: to be answered, sent, or open to both."""
    context = pages.deck_page(
        scope(), _task(assignment_id), names_at_hand(), wanted=request.args.get("round", "")
    )
    return render("exercises/decks/do.html", **context)


@page("/t/<assignment_id>/cards/take-back", methods=("POST",))
def take_back_cards(assignment_id: str) -> Answered:
    """Turn a round that was sent back into a draft, as long as it isn't open."""
    found, name = _task(assignment_id), request.args.get("round", "")
    if not ConfirmForm().validate():
        abort(400)
    try:
        commands.take_back(scope(), found, name)
    except TooLate:
        flash(_("This can no longer be taken back. You can talk about it with your therapist."), "warn")
    else:
        scope().commit()
        flash(_("It is a draft again. Only you can see it."), "done")
    return redirect(url_for(".deck", assignment_id=assignment_id, round=name), 303)


@room.page(
    "/answers/<assignment_id>/cards", permission=Permission.ASSIGN, audience=For.THERAPIST, methods=("POST",)
)
def add_card(assignment_id: str) -> Any:
    """Add a card for one couple."""
    form = CardForm()
    if not form.validate():
        context = {"form": form, "assignment_id": assignment_id, "most": CARD_LENGTH, "seen_by": card_seen()}
        return render("exercises/decks/card.html", **context), 422
    try:
        card = commands.add_card(scope(), assignment_id, form.text.data)
    except TooLate:
        flash(_("There is no room for more cards in this deck."), "warn")
    else:
        scope().commit()
        flash(_("The card is in the deck.") if card else _("This card is there already."), "done")
    return _back(assignment_id)


@room.page(
    "/answers/<assignment_id>/cards/<int:number>/take-out",
    permission=Permission.ASSIGN,
    audience=For.THERAPIST,
    methods=("POST",),
)
def take_out_card(assignment_id: str, number: int) -> Answered:
    """Take an own card out again, before it can have been drawn."""
    if not PortalForm().validate():
        abort(400)
    try:
        commands.take_out_card(scope(), assignment_id, number)
    except TooLate:
        flash(_("This card has been mixed in by now, and stays in the deck."), "warn")
    else:
        scope().commit()
        flash(_("The card is taken out."), "done")
    return _back(assignment_id)


def _back(assignment_id: str) -> Answered:
    return redirect(url_for(".review", assignment_id=assignment_id, _anchor="cards"), 303)
