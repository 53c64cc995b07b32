"""Pages for what was kept: read it, send it again, or leave it out."""

from flask import abort, current_app, redirect, request
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers.response import Response

from portal.access.policy import Permission
from portal.kit.ids import new_id
from portal.people import browser
from portal.people import kept as keeping
from portal.people.room import room
from portal.web.current import person, portal, scope
from portal.web.render import render
from portal.web.room import For
from portal.web.writer import FIELD, writer_token


@room.page("/kept/<kept_id>", permission=Permission.OWN_ACCOUNT, audience=For.SIGNED_IN)
def kept(kept_id: str) -> str:
    """Show what was kept, with a way to send it again."""
    found = keeping.find(scope(), kept_id)
    if not _is_ours(found.path):
        abort(404)
    tokens = [("csrf_token", generate_csrf()), (FIELD, writer_token())]
    return render(
        "people/account/kept.html",
        staff=person().viewer.is_staff,
        kept=found,
        words=keeping.own_words(found.fields),
        tokens=tokens,
        resend=[
            *tokens,
            ("once_key", new_id()),
            (browser.KEPT_FIELD, found.id),
            *keeping.hidden_fields(found.fields),
        ],
    )


@room.page(
    "/kept/<kept_id>/leave-out", permission=Permission.OWN_ACCOUNT, audience=For.SIGNED_IN, methods=("POST",)
)
def leave_out(kept_id: str) -> Response:
    """Delete what was kept, and go on."""
    keeping.forget(portal().records, person().viewer, kept_id)
    return redirect(browser.after_sign_in(person(), None), 303)


def _is_ours(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    try:
        return adapter is not None and bool(adapter.match(path, method="POST"))
    except (HTTPException, RequestRedirect):
        return False
