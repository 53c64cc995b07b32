"""Exercises in other languages: words change, nothing else does, and each partner reads their own."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from portal.access.scope import Records
from portal.access.viewer import Viewer
from portal.exercises import queries, review_queries
from portal.exercises.domain import LIBRARY, Exercise, load_exercise, parse_exercise
from portal.exercises.models import Assignment, ExerciseCopy
from portal.exercises.shelf import copy_id, exercises_by_copy, exercises_for, in_language, keep_copy, library
from portal.exercises.translations import (
    Behind,
    check_translation,
    is_text,
    language_for,
    original_of,
    translate,
    translation_files,
    with_translations,
)
from portal.kit.library import DefinitionError
from portal.people import account_commands
from portal.people.account_commands import Theme
from tests.exercises.doing import fill, give, send, task_of
from tests.factories import Pair, World
from tests.portal_app import Site, Visitor, furnish

ENGLISH = """
id = "small-thanks"
version = 2
title = "One small thank-you"
purpose = "Name one thing that your partner did."
phase = "talking"
mechanics = ["questionnaire"]
audience = "couple"
who = "each"
minutes = 5
recurrence = "weekly"
steps = ["Think of one thing.", "Write it down."]
cautions = ["A thank-you asks for nothing in return."]
contraindications = ["Not after an injury."]
why = "What is noticed gets said. What is said is remembered."
sources = ["S2"]
themes = ["appreciation"]

[clinician]
rationale = "Trains noticing."
not_when = "Right after an injury."
look_for = "How concrete it is."

[questionnaire]
reveal = "both"

[[questionnaire.pages]]
key = "thanks"
title = "This week"

[[questionnaire.pages.items]]
key = "easy"
kind = "choice"
text = "Was it easy?"
options = [
  { key = "yes", text = "Yes", score = 1 },
  { key = "no", text = "No", score = 0 },
]

[[questionnaire.pages]]
key = "more"
title = "In your words"

[[questionnaire.pages.items]]
key = "thing"
kind = "long"
text = "What are you glad of?"
max_length = 800
required = true
when = [{ item = "easy", op = "=", value = "yes" }]
"""
WORDS = {
    "One small thank-you": "Un pequeño gracias",
    "Name one thing that your partner did.": "Nombra una cosa que hizo tu pareja.",
    "Think of one thing.": "Piensa en una cosa.",
    "Write it down.": "Escríbela.",
    "A thank-you asks for nothing in return.": "Un gracias no pide nada a cambio.",
    "Not after an injury.": "No después de una herida.",
    "What is noticed gets said. What is said is remembered.": "Lo que se nota se dice. Lo dicho se recuerda.",
    "Trains noticing.": "Entrena la mirada.",
    "Right after an injury.": "Justo después de una herida.",
    "How concrete it is.": "Lo concreto que es.",
    "This week": "Esta semana",
    "Was it easy?": "¿Fue fácil?",
    '"Yes"': '"Sí"',
    '"No"': '"No."',
    "In your words": "En tus palabras",
    "What are you glad of?": "¿De qué te alegras?",
}


def in_spanish(text: str = ENGLISH) -> str:
    for english, spanish in WORDS.items():
        text = text.replace(english, spanish)
    return text


SPANISH = in_spanish()


def exercise() -> Exercise:
    return parse_exercise(ENGLISH, name="small-thanks.toml")


def read(text: str = SPANISH) -> Exercise:
    return translate(exercise(), text, language="es", name="es/small-thanks.toml")


def mistakes(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        read(text)
    return str(caught.value).splitlines()


def line_of(words: str, text: str = SPANISH) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_a_translation_changes_the_words() -> None:
    spanish = read()

    assert spanish.title == "Un pequeño gracias"
    assert spanish.clinician.look_for == "Lo concreto que es."
    easy = spanish.form.item("easy")
    assert easy is not None
    assert [option.text for option in easy.options] == ["Sí", "No."]
    assert spanish.language == "es"


def test_a_translation_is_still_the_same_exercise() -> None:
    assert copy_id(read()) == copy_id(exercise())
    assert read().source == ENGLISH


DRIFT = {
    "a changed id": ('id = "small-thanks"', 'id = "gracias"', "id"),
    "another audience": ('audience = "couple"', 'audience = "private"', "audience"),
    "another mechanic": ('mechanics = ["questionnaire"]', 'mechanics = ["letter"]', "mechanics[1]"),
    "another number": ("max_length = 800", "max_length = 900", "questionnaire.pages[2].items[1].max_length"),
    "a truth that became a number": (
        "required = true",
        "required = 1",
        "questionnaire.pages[2].items[1].required",
    ),
    "another kind": ('kind = "long"', 'kind = "short"', "questionnaire.pages[2].items[1].kind"),
    "another condition": ('value = "yes"', 'value = "no"', "questionnaire.pages[2].items[1].when[1].value"),
    "another option key": ('key = "no"', 'key = "nunca"', "questionnaire.pages[1].items[1].options[2].key"),
    "another score": ("score = 0", "score = 3", "questionnaire.pages[1].items[1].options[2].score"),
    "another source": ('sources = ["S2"]', 'sources = ["S3"]', "sources[1]"),
    "another tag": ('themes = ["appreciation"]', 'themes = ["gratitud"]', "themes[1]"),
    "another opening": ('reveal = "both"', 'reveal = "never"', "questionnaire.reveal"),
    "a version to come": ("version = 2", "version = 3", "version"),
    "a step too few": ('["Piensa en una cosa.", "Escríbela."]', '["Escríbela."]', "steps"),
    "a text that says nothing": ('"Esta semana"', '" "', "questionnaire.pages[1].title"),
    "a text that is a list": ('"Esta semana"', '["Esta semana"]', "questionnaire.pages[1].title"),
    "a table that is a text": ("when = [{", 'when = "siempre" # [{', "questionnaire.pages[2].items[1].when"),
    "something missing": ('who = "each"\n', "", "who"),
    "something more": ('who = "each"\n', 'who = "each"\nshareable = true\n', "shareable"),
    "a text too long": ("Un pequeño gracias", "gracias " * 20, "title"),
}


@pytest.mark.parametrize(("before", "after", "key"), DRIFT.values(), ids=DRIFT)
def test_everything_but_words_has_to_be_as_in_english(before: str, after: str, key: str) -> None:
    assert before in SPANISH
    text = SPANISH.replace(before, after, 1)

    found = mistakes(text)

    assert len(found) == 1
    assert found[0].startswith("es/small-thanks.toml: line ")
    assert f": {key}: " in found[0]


def test_the_order_of_options_is_part_of_the_exercise() -> None:
    yes, no = '  { key = "yes", text = "Sí", score = 1 },\n', '  { key = "no", text = "No.", score = 0 },\n'
    assert yes + no in SPANISH

    found = mistakes(SPANISH.replace(yes + no, no + yes))

    assert f"line {line_of(yes)}: questionnaire.pages[1].items[1].options[1].key: must be 'yes'" in found[0]


def test_mistakes_stand_at_their_line_and_all_come_at_once() -> None:
    text = SPANISH.replace('kind = "long"', 'kind = "short"').replace("minutes = 5", "minutes = 6")

    minutes, kind = line_of("minutes"), line_of('kind = "long"')

    assert mistakes(text) == [
        f"es/small-thanks.toml: line {minutes}: minutes: must be 5, as in English",
        f"es/small-thanks.toml: line {kind}: questionnaire.pages[2].items[1].kind: must be 'long', as in English",
    ]


def test_a_file_that_is_no_toml_is_named_with_its_line() -> None:
    assert mistakes("a = \n")[0].startswith("es/small-thanks.toml: line 1: is not valid TOML")


def test_nothing_but_words_is_read_from_a_translation_even_where_nobody_compared() -> None:
    """What a copy keeps was compared when it was read; a text that changed since is refused, and English shown."""
    sly = SPANISH.replace('audience = "couple"', 'audience = "private"')

    shown = in_language(replace(exercise(), translations={"es": sly}), "es")

    assert shown == exercise()


def test_a_translation_of_an_earlier_version_is_behind(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "small-thanks.toml").write_text(ENGLISH, "utf-8")
    path = tmp_path / "es" / "small-thanks.toml"
    path.write_text(
        SPANISH.replace("version = 2", "version = 1").replace("minutes = 5", "minutes = 9"), "utf-8"
    )

    with pytest.raises(Behind, match="line 3: version: is behind: this translates version 1"):
        check_translation(path)
    [left] = with_translations({"small-thanks": exercise()}, tmp_path).values()
    assert left.translations == {}


def test_a_translation_of_nothing_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    path = tmp_path / "es" / "small-thanks.toml"
    path.write_text(SPANISH, "utf-8")

    [found] = check_translation(path)
    assert str(found) == "es/small-thanks.toml: line 1: there is no small-thanks.toml in English"
    assert with_translations({}, tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"title = '\xff'", "is not UTF-8 text"),
        (b"title = ", "is not valid TOML"),
        (SPANISH.replace("minutes = 5", "minutes = 9").encode(), "minutes: must be 5"),
    ],
)
def test_a_translation_that_does_not_fit_is_told_and_leaves_the_exercise_in_english(
    tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "small-thanks.toml").write_text(ENGLISH, "utf-8")
    path = tmp_path / "es" / "small-thanks.toml"
    path.write_bytes(content)

    [found] = check_translation(path)
    assert told in str(found)
    [left] = with_translations({"small-thanks": exercise()}, tmp_path).values()
    assert left.translations == {}


def test_a_translation_lies_in_a_folder_beside_the_english_file() -> None:
    assert original_of(LIBRARY / "es" / "daily-five.toml") == LIBRARY / "daily-five.toml"
    assert original_of(LIBRARY / "daily-five.toml") is None
    assert original_of(LIBRARY / "es" / "no-such-thing.toml") is None


@pytest.mark.parametrize(
    ("wish", "found"),
    [("es", "es"), ("es_MX", "es"), ("ES-us", "es"), ("en", None), ("", None), (None, None), ("ast", None)],
)
def test_a_wish_is_served_by_its_language(wish: str | None, found: str | None) -> None:
    assert language_for(["es"], wish) == found


SHIPPED = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in translation_files()]


@pytest.mark.parametrize("path", SHIPPED)
def test_shipped_translations_are_up_to_date_and_leave_everything_else_alone(path: Path) -> None:
    original = original_of(path)
    assert original is not None
    assert check_translation(path) == []
    english, spanish = load_exercise(original), in_language(library()[path.stem], path.parent.name)

    assert spanish.language == path.parent.name
    assert spanish.digest == english.digest
    assert spanish.title != english.title
    assert bare(spanish.form) == bare(english.form)
    assert [spanish.label_of(item) for item in spanish.form.questions] == [
        english.label_of(item) for item in english.form.questions
    ]


def bare(form: object) -> str:
    """Return how a form is made, without the words in it."""
    return re.sub(
        r"(title|text|hint|intro|starter|low_text|high_text|unit)=('[^']*'|\"[^\"]*\")", "", repr(form)
    )


def test_words_are_told_from_what_an_exercise_is_made_of_by_their_key() -> None:
    assert is_text(("steps", 0))
    assert is_text(("tracker", "restart_text"))
    assert not is_text(("letter", "parts", 0, "key"))
    assert not is_text(("sources", 0))


# What was assigned keeps its words


def with_spanish(text: str = SPANISH) -> Exercise:
    return replace(exercise(), translations={"es": text})


def kept(records: Records, viewer: Viewer, each: Exercise) -> str:
    with records.within(viewer) as scope:
        return keep_copy(scope, each)


def title_for(records: Records, viewer: Viewer, copy: str, language: str | None = "es") -> str:
    with records.within(viewer, read_only=True) as scope:
        scope.language = language
        return exercises_for(scope, {copy})[copy].title


def test_a_partner_reads_their_language_and_a_therapist_english(records: Records, world: World) -> None:
    pair = world.pair(world.practice())
    copy = kept(records, pair.therapist, with_spanish())

    assert title_for(records, pair.a, copy) == "Un pequeño gracias"
    assert title_for(records, pair.b, copy, "en") == "One small thank-you"
    assert title_for(records, pair.b, copy, None) == "One small thank-you"
    assert title_for(records, pair.a, copy, "de") == "One small thank-you"
    assert title_for(records, pair.therapist, copy) == "One small thank-you"
    with records.within(pair.a, read_only=True) as scope:
        scope.language = "es"
        assert exercises_by_copy(scope, {copy})[copy].title == "One small thank-you"


def test_a_new_wording_of_a_translation_does_not_reach_what_was_assigned(
    records: Records, world: World
) -> None:
    pair = world.pair(world.practice())
    copy = kept(records, pair.therapist, with_spanish())

    again = kept(records, pair.therapist, with_spanish(SPANISH.replace("Un pequeño gracias", "Gracias")))

    assert again == copy
    assert title_for(records, pair.a, copy) == "Un pequeño gracias"


def test_a_language_that_came_later_is_added(records: Records, world: World) -> None:
    pair = world.pair(world.practice())
    copy = kept(records, pair.therapist, exercise())
    assert title_for(records, pair.a, copy) == "One small thank-you"

    kept(records, pair.therapist, with_spanish())

    assert title_for(records, pair.a, copy) == "Un pequeño gracias"
    with records.within(pair.a, read_only=True) as scope:
        row = scope.one(scope.select(ExerciseCopy).where(ExerciseCopy.id == copy))
        assert json.loads(row.translations) == {"es": SPANISH}


def test_each_practice_keeps_its_own_words(records: Records, world: World) -> None:
    here, there = world.pair(world.practice()), world.pair(world.practice())
    copy = kept(records, here.therapist, with_spanish())
    kept(records, there.therapist, with_spanish(SPANISH.replace("Un pequeño gracias", "Gracias")))

    assert title_for(records, here.a, copy) == "Un pequeño gracias"
    assert title_for(records, there.a, copy) == "Gracias"


def test_a_translation_that_can_no_longer_be_read_gives_way_to_english(
    records: Records, world: World
) -> None:
    pair = world.pair(world.practice())
    copy = kept(records, pair.therapist, with_spanish("title = "))

    assert title_for(records, pair.a, copy) == "One small thank-you"


# On the pages


@pytest.fixture
def pair(site: Site) -> Pair:
    """A couple of which one reads Spanish and the other English."""
    pair = furnish(site.records)[0]
    with site.records.within(pair.a) as scope:
        account_commands.change_settings(scope, locale="es", theme=Theme.DEVICE, text_size=100)
    return pair


@pytest.fixture
def luz(site: Site, pair: Pair) -> Visitor:
    """The partner who reads Spanish, signed in."""
    return site.sign_in_as(pair.a)


@pytest.fixture
def sam(site: Site, pair: Pair) -> Visitor:
    """The partner who reads English, signed in."""
    return site.sign_in_as(pair.b)


def page(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return " ".join(html.unescape(text).split())


def both(slug: str) -> tuple[Exercise, Exercise]:
    return in_language(library()[slug], "es"), library()[slug]


def each_reads_their_own(luz: Visitor, sam: Visitor, path: str, spanish: str, english: str) -> None:
    for visitor, theirs, other in ((luz, spanish, english), (sam, english, spanish)):
        shown = page(visitor, path)
        assert theirs in shown, path
        assert other not in shown, path


@pytest.mark.parametrize("slug", ["progress-reflection", "i-statements", "touch-menu"])
def test_each_partner_reads_their_own_words_on_every_page(
    site: Site, pair: Pair, luz: Visitor, sam: Visitor, slug: str
) -> None:
    records = site.records
    given = give(records, pair, slug)
    spanish, english = both(slug)

    each_reads_their_own(luz, sam, "/today", spanish.title, english.title)
    each_reads_their_own(luz, sam, f"/t/{given}", spanish.steps[0], english.steps[0])
    assert spanish.cautions[0] in page(luz, f"/t/{given}")
    assert spanish.why in page(luz, f"/t/{given}")
    for visitor in (luz, sam):
        visitor.post(f"/t/{given}/begin", {"csrf_token": visitor.csrf})
    ours, theirs = spanish.form.questions[0].text, english.form.questions[0].text
    each_reads_their_own(luz, sam, f"/t/{given}/p/1", ours, theirs)
    each_reads_their_own(luz, sam, f"/t/{given}/check", ours, theirs)
    send(records, pair.a, given, fill(english, "palabras"))
    send(records, pair.b, given, fill(english, "words"))
    each_reads_their_own(luz, sam, f"/t/{given}/sent", spanish.title, english.title)
    opened = theirs if slug != "i-statements" else english.title
    each_reads_their_own(
        luz, sam, f"/t/{given}/open", ours if slug != "i-statements" else spanish.title, opened
    )
    each_reads_their_own(luz, sam, "/together", spanish.title, english.title)
    each_reads_their_own(luz, sam, f"/t/{given}/leave-out", spanish.title, english.title)


def test_a_log_is_in_the_language_of_whoever_keeps_it(
    site: Site, pair: Pair, luz: Visitor, sam: Visitor
) -> None:
    given = give(site.records, pair, "daily-five")
    spanish, english = both("daily-five")

    each_reads_their_own(
        luz, sam, f"/t/{given}", spanish.form.questions[0].text, english.form.questions[0].text
    )


def test_an_exercise_without_a_translation_is_shown_in_english(site: Site, pair: Pair, luz: Visitor) -> None:
    given = give(site.records, pair, "compromise")
    assert library()["compromise"].translations == {}

    assert library()["compromise"].title in page(luz, f"/t/{given}")


def test_the_therapist_reads_what_was_answered_in_english(site: Site, pair: Pair) -> None:
    given = give(site.records, pair, "warning-signs")
    spanish, english = both("warning-signs")
    send(site.records, pair.a, given, fill(english, "palabras"))
    ines = site.sign_in_as(pair.therapist)

    shown = page(ines, f"/answers/{given}")

    assert english.title in shown
    assert english.form.questions[0].text in shown
    assert spanish.form.questions[0].text not in shown
    with site.records.within(pair.therapist, read_only=True) as scope:
        scope.language = "es"
        assert review_queries.work(scope, given).exercise.language == "en"


def test_a_letter_is_read_in_the_words_that_it_was_sent_in(
    site: Site, pair: Pair, luz: Visitor, sam: Visitor
) -> None:
    records = site.records
    given = give(records, pair, "repair-script")
    with records.within(pair.a) as scope:
        scope.language = "es"
        begun = task_of(scope, pair.a, given).exercise.form.item("act")
        assert begun is not None
        assert begun.starter == "Siento haber"
    answers = {"act": "llegado tarde el martes.", "change": "avisar a tiempo."}
    luz.post(f"/t/{given}/begin", {"csrf_token": luz.csrf})
    luz.post(f"/t/{given}/p/1", {"csrf_token": luz.csrf, "sent": "1", **answers})
    once = re.search(
        r'name="once_key"[^>]*value="([^"]+)"', luz.get(f"/t/{given}/check").get_data(as_text=True)
    )
    assert once
    fields = {"csrf_token": luz.csrf, "once_key": once[1], "delivery": "now"}
    assert luz.post(f"/t/{given}/send", fields).status_code == 303

    for visitor, path in ((sam, f"/t/{given}/open"), (luz, f"/t/{given}/sent")):
        shown = page(visitor, path)
        assert "Siento haber llegado tarde el martes." in shown
        assert "Desde ahora voy a avisar a tiempo." in shown
        assert "I am sorry" not in shown
    assert "Siento haber llegado tarde" in page(site.sign_in_as(pair.therapist), f"/answers/{given}")


def test_a_letter_that_is_taken_back_stands_in_its_fields_as_it_was_typed(site: Site, pair: Pair) -> None:
    records = site.records
    given = give(records, pair, "repair-script")
    typed = {"act": "am late so often", "change": "From now on I will call before six."}
    send(records, pair.b, given, typed)

    with records.within(pair.b, read_only=True) as scope:
        task = task_of(scope, pair.b, given)
        stood = queries.my_values(scope, task)
        assignment: Assignment = task.assignment
        [sent] = [
            each for each in queries.written(scope, [assignment.id]) if each.author_id == pair.b.account_id
        ]
    assert sent.values["act"] == "I am sorry that I am late so often"
    assert sent.values["change"] == "From now on I will call before six."
    assert stood["act"] == "am late so often"


def test_the_library_is_in_english_and_says_what_else_there_is(site: Site, pair: Pair) -> None:
    ines = site.sign_in_as(pair.therapist)
    spanish, english = both("warning-signs")

    assert "Also in Spanish" in page(ines, "/library?q=five+signs")
    shown = page(ines, "/library/warning-signs")
    assert english.title in shown
    assert spanish.title not in shown
    assert "/library/warning-signs?language=es" in ines.get("/library/warning-signs").get_data(as_text=True)


def test_the_library_can_be_looked_at_in_spanish(site: Site, pair: Pair) -> None:
    ines = site.sign_in_as(pair.therapist)
    spanish, english = both("warning-signs")

    shown = page(ines, "/library/warning-signs?language=es")
    assert spanish.steps[0] in shown
    assert english.steps[0] not in shown
    assert spanish.clinician.look_for in page(ines, "/library/warning-signs?language=es&part=for-you")
    assert english.title in page(ines, "/library/warning-signs?language=xx")


def test_spanish_can_be_chosen_in_the_settings(site: Site, pair: Pair, sam: Visitor) -> None:
    given = give(site.records, pair, "daily-five")
    fields = {"csrf_token": sam.csrf, "locale": "es", "theme": "device", "text_size": "100"}

    assert sam.post("/account", fields).status_code == 303

    assert both("daily-five")[0].title in page(sam, f"/t/{given}")
