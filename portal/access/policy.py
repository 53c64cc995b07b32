"""One table of who may do what, and how far each role reaches."""

from enum import StrEnum

from portal.access.viewer import House, Role, Viewer


class Refused(Exception):
    """The viewer may not do this. Towards the outside it is the same as "there is no such thing"."""


class Permission(StrEnum):
    """Everything that can be allowed. A page or a command names exactly one of them."""

    BE_ANYONE = "be-anyone"
    SIGN_OUT = "sign-out"
    OWN_ACCOUNT = "own-account"
    MANAGE_PEOPLE = "manage-people"
    MANAGE_PRACTICE = "manage-practice"
    SEE_COUPLES = "see-couples"
    ADD_COUPLE = "add-couple"
    RESET_PARTNER = "reset-partner"
    BROWSE_LIBRARY = "browse-library"
    WRITE_OWN = "write-own"
    ASSIGN = "assign"
    REVIEW = "review"
    REPORT = "report"
    DO_HOMEWORK = "do-homework"


A, T, D, P = Role.ADMIN, Role.THERAPIST, Role.DESK, Role.PARTNER

POLICY: dict[Permission, frozenset[Role]] = {
    Permission.BE_ANYONE: frozenset({A, T, D, P}),
    Permission.SIGN_OUT: frozenset({A, T, D, P}),
    Permission.OWN_ACCOUNT: frozenset({A, T, D, P}),
    Permission.MANAGE_PEOPLE: frozenset({A}),
    Permission.MANAGE_PRACTICE: frozenset({A}),
    Permission.SEE_COUPLES: frozenset({A, T, D}),
    Permission.ADD_COUPLE: frozenset({T}),
    Permission.RESET_PARTNER: frozenset({T}),
    Permission.BROWSE_LIBRARY: frozenset({T}),
    Permission.WRITE_OWN: frozenset({T}),
    Permission.ASSIGN: frozenset({T}),
    Permission.REVIEW: frozenset({T}),
    Permission.REPORT: frozenset({T}),
    Permission.DO_HOMEWORK: frozenset({P}),
}


class Reach(StrEnum):
    """How far a role sees among the couples of its practice."""

    NONE = "none"
    OWN = "own"
    PRACTICE = "practice"


class Matter(StrEnum):
    """What a couple's row is about: that the couple exists, what it does here, or what its therapist has in mind."""

    DIRECTORY = "directory"
    CONTENT = "content"
    CARE = "care"


# ``OWN`` is the viewer's couples: a partner's own couple, a therapist's caseload.
REACH: dict[tuple[Matter, Role], Reach] = {
    (Matter.DIRECTORY, A): Reach.PRACTICE,
    (Matter.DIRECTORY, D): Reach.PRACTICE,
    (Matter.DIRECTORY, T): Reach.OWN,
    (Matter.DIRECTORY, P): Reach.OWN,
    (Matter.CONTENT, A): Reach.NONE,
    (Matter.CONTENT, D): Reach.NONE,
    (Matter.CONTENT, T): Reach.OWN,
    (Matter.CONTENT, P): Reach.OWN,
    (Matter.CARE, A): Reach.NONE,
    (Matter.CARE, D): Reach.NONE,
    (Matter.CARE, T): Reach.OWN,
    (Matter.CARE, P): Reach.NONE,
}


def allows(viewer: Viewer | House, permission: Permission) -> bool:
    """Say whether any of the viewer's roles holds the permission."""
    return isinstance(viewer, House) or bool(viewer.roles & POLICY[permission])


def reaches(viewer: Viewer | House, matter: Matter, couple_id: str) -> bool:
    """Say whether a couple's rows of this kind lie within the viewer's reach."""
    if couple_id in viewer.couples:
        return isinstance(viewer, House) or any(
            REACH[matter, role] is not Reach.NONE for role in viewer.roles
        )
    return sees_whole_practice(viewer, matter)


def sees_whole_practice(viewer: Viewer | House, matter: Matter) -> bool:
    """Say whether some role of the viewer sees such rows of every couple in the practice."""
    return any(REACH[matter, role] is Reach.PRACTICE for role in viewer.roles)


def require(viewer: Viewer | House, permission: Permission, *, couple_id: str | None = None) -> None:
    """Raise Refused unless the viewer holds the permission and, if named, the couple is one of their own."""
    if not allows(viewer, permission):
        raise Refused(permission)
    if couple_id is not None and couple_id not in viewer.couples:
        raise Refused(permission)
