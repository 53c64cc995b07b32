"""The library of exercises, as a therapist looks through it."""

from flask import request

from portal.access.policy import Permission
from portal.exercises import library_pages, preview_pages
from portal.exercises.finding import wanted
from portal.exercises.room import room
from portal.web.current import person, scope
from portal.web.render import render
from portal.web.room import For


def couple_in_query() -> str | None:
    """Return the couple that the address names, if it is one of the therapist's own."""
    named = request.args.get("couple", "")
    return named if named in person().viewer.couples else None


@room.page("/library", permission=Permission.BROWSE_LIBRARY, audience=For.THERAPIST)
def library_page() -> str:
    """Search the exercises, and look at one of them."""
    context = library_pages.shelf(
        scope(), wanted(request.args), show=request.args.get("show"), couple_id=couple_in_query()
    )
    if request.headers.get("HX-Request"):
        return render("exercises/therapist/library_found.html", **context)
    return render("exercises/therapist/library.html", **context)


@room.page("/library/<slug>", permission=Permission.BROWSE_LIBRARY, audience=For.THERAPIST)
def library_item(slug: str) -> str:
    """Show one exercise: as partners see it, or as one of the two will, or what is for the therapist."""
    exercise = library_pages.exercise_named(scope(), slug)
    context = preview_pages.item(
        scope(),
        exercise,
        couple_id=couple_in_query(),
        seat=request.args.get("seat", ""),
        language=request.args.get("language"),
    )
    part = "for-you" if request.args.get("part") == "for-you" else "as-they-see-it"
    return render(
        "exercises/therapist/library_item.html",
        part=part,
        editor_url=library_pages.editor_url(scope(), exercise),
        **context,
    )
