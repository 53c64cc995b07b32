"""The published editions of an own pathway: the list of them, each as it was, and going on from one."""

from typing import Any

from flask import flash, redirect, request, url_for

from portal.exercises.forms import ConfirmForm
from portal.exercises.own.commands import DraftChanged
from portal.exercises.own.models import OwnKind, OwnWork
from portal.exercises.own.queries import edition, my_work
from portal.exercises.own_pathways import editions as published
from portal.exercises.own_pathways.forms import PublishForm
from portal.exercises.own_pathways.views import FOLDER, WRITE
from portal.exercises.room import room
from portal.web.current import scope
from portal.web.render import render
from portal.web.translate import _


def _mine(work_id: str) -> OwnWork:
    return my_work(scope(), work_id, OwnKind.PATHWAY)


@room.page("/own-pathways/<work_id>/versions", **WRITE)
def own_pathway_versions(work_id: str) -> str:
    """List the published editions, and say who may use the newest."""
    return render(
        f"{FOLDER}/versions.html", form=ConfirmForm(), **published.versions(scope(), _mine(work_id))
    )


@room.page("/own-pathways/<work_id>/versions/<int:number>", methods=("GET", "POST"), **WRITE)
def own_pathway_version(work_id: str, number: int) -> Any:
    """Show one edition as it was published, or go on from it."""
    work, form = _mine(work_id), PublishForm()
    found = edition(scope(), work, number)
    if request.method != "POST" or not form.validate():
        return render(f"{FOLDER}/version.html", **published.version(scope(), work, found, form))
    try:
        after = published.go_on_from(scope(), work, found, form)
    except DraftChanged as changed:
        flash(_("The draft was changed since you opened this page. Look at it first."), "warn")
        return render(f"{FOLDER}/version.html", **published.version(scope(), changed.work, found, form)), 409
    flash(_("The draft is version %(number)s again.", number=number), "done")
    address = url_for(".own_pathway", work_id=after.id)
    scope().commit()
    return redirect(address, 303)
