"""What two do together: talks in turns, texts to sign, plans and cards."""

from collections.abc import Iterator

from babel.dates import get_day_names
from flask_babel import get_locale

from portal.exercises.domain import Exercise
from portal.exercises.mechanics.agreement import AgreementSpec
from portal.exercises.mechanics.deck import DeckSpec
from portal.exercises.mechanics.dialogue import By, DialogueSpec, First, Stage, TopicKind
from portal.exercises.mechanics.plan import Field as PlanField
from portal.exercises.mechanics.plan import FieldKind, PlanSpec, Source
from portal.reports.worksheets.blocks import (
    Block,
    Boxes,
    Bullets,
    Cards,
    Clause,
    Clauses,
    CutCard,
    Field,
    Fields,
    Lines,
    Signatures,
    TurnCard,
    Turns,
)
from portal.reports.worksheets.page import Question
from portal.reports.worksheets.readers import both
from portal.reports.worksheets.sections import Sections, asked, section
from portal.web.translate import _, _n

MINUTE = 60
TOPIC_LINES, PLACE_LINES = 2, 1


def agreement(exercise: Exercise, spec: AgreementSpec) -> Sections:
    """Return the clauses with lines, a place for both initials beside each, and two lines to sign on."""
    clauses = tuple(
        Clause(
            str(number),
            each.title,
            each.prompt,
            _("For example: “%(words)s”", words=each.suggestion) if each.suggestion else "",
            _("You may leave this one out.") if each.optional else "",
        )
        for number, each in enumerate(spec.clauses, start=1)
    )
    days = spec.review_after.days
    review = _n("After %(num)s day we look at it again:", "After %(num)s days we look at it again:", days)
    text = section(
        both(),
        (Clauses(clauses), Signatures(spec.signature_text, review)),
        title=_("Our text"),
        intro=_("Word each clause together. Once you both mean it, each of you puts initials beside it."),
    )
    return (text, *asked(exercise, spec.form))


def talk(exercise: Exercise, spec: DialogueSpec) -> Sections:
    """Return the topic to settle and the turns as cards that go from hand to hand."""
    about: list[Block | Question] = []
    if spec.topics:
        about.append(Bullets(_("For example"), spec.topics))
    about.append(Lines(TOPIC_LINES if spec.topic is TopicKind.OWN else 1))
    if spec.first is First.CHOICE:
        about.append(Boxes((_("I speak first"), _("My partner speaks first")), many=False, columns=2))
    cards = [_turn(number, each) for number, each in enumerate((*spec.stages, *spec.last_stages), start=1)]
    pause = TurnCard("either", _("Either of you"), _("Pause"), spec.pause_text)
    return (
        section(both(), about, title=spec.topic_prompt),
        section(
            both(),
            (Turns((*cards, pause)), Bullets("", (spec.closing,))),
            title=_("The cards"),
            intro=" ".join(_rules(spec)),
        ),
        *asked(exercise, spec.form),
    )


def _rules(spec: DialogueSpec) -> Iterator[str]:
    yield _("Cut the cards out and put them between you. Whoever it is holds the card.")
    if spec.swap:
        yield _("When the cards of speaker and listener are through, swap and begin again.")


def _turn(number: int, stage: Stage) -> TurnCard:
    who = {By.SPEAKER: _("Whoever speaks"), By.LISTENER: _("Whoever listens"), By.BOTH: _("Both of you")}
    time = "" if stage.seconds is None else _time(stage.seconds)
    hint = " ".join(filter(None, (stage.breath, stage.hint)))
    starters = (*stage.starters, *filter(None, (stage.yes_text, stage.no_text)))
    title = _("%(number)s. %(title)s", number=number, title=stage.title)
    return TurnCard(stage.by, who[stage.by], title, stage.prompt, hint, starters, time)


def _time(seconds: int) -> str:
    if seconds % MINUTE == 0:
        return _n("%(num)s minute", "%(num)s minutes", seconds // MINUTE)
    return _n("%(num)s second", "%(num)s seconds", seconds)


def plan(exercise: Exercise, spec: PlanSpec) -> Sections:
    """Return ideas to begin with, and what there is to settle: what, when, where and who."""
    ideas: list[Block | Question] = [
        Bullets(each.title, tuple(option.text for option in each.options)) for each in spec.groups
    ]
    if spec.source is Source.OVERLAP:
        ideas.append(Bullets("", (_("Choose from what the portal shows you as open to both."),)))
    found = section(both(), ideas, title=_("To begin with"))
    own = Fields(tuple(Field(item.text, item.hint, (), (), 1) for item in spec.ideas.questions))
    settle = Fields(tuple(_field(each) for each in spec.fields))
    return (
        found,
        section(both(), (own,) if own.fields else (), title=_("What each of you thinks of")),
        section(both(), (settle,), title=spec.question),
        *asked(exercise, spec.afterwards),
    )


def _field(field: PlanField) -> Field:
    boxes: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    lines = 0
    match field.kind:
        case FieldKind.WHO:
            boxes, blanks = (_("both of us"),), (_("one of us:"),)
        case FieldKind.MOMENT:
            blanks = (_("day"), _("from"), _("to"))
        case FieldKind.WEEKLY_MOMENT:
            names = get_day_names("abbreviated", locale=get_locale() or "en")
            boxes, blanks = tuple(names[day] for day in range(7)), (_("at"),)
        case _:
            lines = PLACE_LINES
    return Field(field.text, field.hint, boxes, blanks, lines)


def deck(exercise: Exercise, spec: DeckSpec) -> Sections:
    """Return the cards to cut out, eight to a page, and what is done with them."""
    del exercise
    lines = [
        _n("Cut the cards out, shuffle them and draw %(num)s at a time.",
           "Cut the cards out, shuffle them and draw %(num)s at a time.", spec.per_round),
        spec.pass_text,
    ]  # fmt: skip
    if spec.guess_prompt:
        lines.append(_("You may guess first: “%(question)s”", question=spec.guess_prompt))
    if spec.layers:
        layers = ", ".join(each.title for each in spec.layers)
        lines.append(_("From light to deep: %(layers)s. Stay where one of you wants to stay.", layers=layers))
    ordered = sorted(spec.cards, key=lambda card: card.layer)
    cards = tuple(CutCard(spec.layer_title(each), each.text, each.follow_ups) for each in ordered)
    return (
        section(both(), (Bullets("", tuple(lines)),), title=_("The cards")),
        section(both(), (Cards(cards),), on_new_page=True),
    )
