"""A partner's four tabs: Today, Together, Just me, More."""

from typing import Any

from portal.access.policy import Permission
from portal.home import today as pages
from portal.home.room import room
from portal.web.current import now, person, scope, seat
from portal.web.current import today as this_day
from portal.web.forms import PortalForm
from portal.web.render import render
from portal.web.room import For

DO: dict[str, Any] = {"permission": Permission.DO_HOMEWORK, "audience": For.PARTNER}


@room.page("/today", **DO)
def today() -> str:
    """Show the one thing for today, and calmly what else there is."""
    names = pages.names_for(scope(), seat=seat())
    return render(
        "home/partner/today.html",
        day_=pages.day_of(scope(), names, seat=seat(), today=this_day()),
        greeting=pages.greeting(pages.local_hour(now(), person().time_zone), person().first_name),
        today=this_day(),
        names=names,
    )


@room.page("/together", **DO)
def together() -> str:
    """List what is open to both of them."""
    names = pages.names_for(scope(), seat=seat())
    return render(
        "home/partner/together.html", lines=pages.together(scope(), names, seat=seat()), names=names
    )


@room.page("/just-me", **DO)
def just_me() -> str:
    """List a partner's own drafts and what they sent."""
    names = pages.names_for(scope(), seat=seat())
    return render(
        "home/partner/just_me.html",
        mine=pages.just_me(scope(), names, seat=seat(), today=this_day()),
        names=names,
    )


@room.page("/more", permission=Permission.OWN_ACCOUNT, audience=For.PARTNER)
def more() -> str:
    """Lead to a partner's account, their devices, help, and their agreement."""
    return render("home/partner/more.html", form=PortalForm(), person=person())
