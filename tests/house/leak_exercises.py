"""Small exercises for the leak crawl: one for each way in which words can be private for a while or for ever."""

import re
from collections.abc import Callable
from dataclasses import replace

from portal.exercises.domain import Exercise, parse_exercise
from portal.exercises.shelf import library

HEAD = """
id = "{slug}"
version = 1
title = "{title}"
purpose = "To try out who reads what."
phase = "understanding"
mechanics = ["{mechanic}"]
audience = "{audience}"
who = "each"
minutes = 5
recurrence = "{recurrence}"
steps = ["Write a word."]
cautions = ["Be alone."]
contraindications = ["{inside}"]
why = "So that it can be looked for."
sources = ["S0"]
themes = ["trying"]
shareable = true
[clinician]
rationale = "{inside}"
not_when = "Never."
look_for = "Leaks."
"""

MIXED = """
[questionnaire]
reveal = "both"
[[questionnaire.pages]]
key = "page_one"
title = "One page"
[[questionnaire.pages.items]]
key = "only_me"
kind = "long"
text = "Only for you"
audience = "private"
[[questionnaire.pages.items]]
key = "to_therapist"
kind = "long"
text = "For your therapist"
audience = "therapist"
[[questionnaire.pages.items]]
key = "to_both"
kind = "long"
text = "For you both"
audience = "couple"
max_length = 20000
[[questionnaire.pages.items]]
key = "how_much"
kind = "scale"
text = "How much"
audience = "therapist"
low = 0
high = 4
low_text = "Not at all"
high_text = "Very"
"""

ALONE = """
[questionnaire]
[[questionnaire.pages]]
key = "page_one"
title = "One page"
[[questionnaire.pages.items]]
key = "to_therapist"
kind = "long"
text = "For your therapist"
audience = "{audience}"
"""

LETTER = """
[letter]
kind = "i_statement"
deliveries = ["now", "later", "held"]
responses = [{ key = "thank_you", text = "Thank you" }, { key = "touched", text = "It means something to me" }]
[[letter.parts]]
key = "words"
title = "Words"
prompt = "What would you like to say?"
min = 1
max_length = 600
"""

OVERLAP = """
[overlap]
question = "How would each of these be?"
therapist = "{sees}"
expires_days = 30
levels = [
  {{ key = "comfortable", text = "Welcome" }},
  {{ key = "maybe", text = "Perhaps" }},
  {{ key = "not_now", text = "Not now" }},
]
[[overlap.groups]]
key = "some"
title = "Some"
options = [
  {{ key = "walk", text = "A walk" }},
  {{ key = "song", text = "A song" }},
  {{ key = "nap", text = "A nap" }},
  {{ key = "dance", text = "A dance" }},
]
"""

TRACKER = """
[tracker]
every = "day"
question = "Did you?"
choices = [{ key = "yes", text = "Yes" }, { key = "no", text = "Not today", done = false }]
note_prompt = "A word"
note_max = 200
restart_text = "Good to see you."
"""

ASKED_ALONE = """
[[tracker.afterwards.pages]]
key = "on_your_own"
title = "On your own"
[[tracker.afterwards.pages.items]]
key = "free_to_say_no"
kind = "choice"
text = "Did you feel free to say no?"
options = [{ key = "yes", text = "Yes" }, { key = "partly", text = "Partly" }, { key = "no", text = "No" }]
[[tracker.afterwards.pages.items]]
key = "worry"
kind = "choice"
text = "Any worry?"
options = [{ key = "no", text = "No" }, { key = "talk", text = "I'd like to talk" }]
[[tracker.afterwards.pages.items]]
key = "told_alone"
kind = "long"
text = "Anything else?"
"""


def _exercise(
    slug: str, title: str, mechanic: str, audience: str, body: str, *, inside: str, recurrence: str = "once"
) -> Exercise:
    head = HEAD.format(
        slug=slug, title=title, mechanic=mechanic, audience=audience, inside=inside, recurrence=recurrence
    )
    return parse_exercise(head + body, name=slug)


def mixed(slug: str, title: str, *, inside: str = "Nothing") -> Exercise:
    """Return a questionnaire with a private, a therapist's and a couple's answer."""
    return _exercise(slug, title, "questionnaire", "couple", MIXED, inside=inside)


def in_spanish(exercise: Exercise, title: str) -> Exercise:
    """Return an exercise with a translation that has another title."""
    words = re.sub(r'^title = ".*"$', f'title = "{title}"', exercise.source, count=1, flags=re.MULTILINE)
    return replace(exercise, translations={"es": words})


def alone(slug: str, title: str, *, audience: str = "therapist", inside: str = "Nothing") -> Exercise:
    """Return a questionnaire with one answer for the therapist (or for nobody, or held)."""
    return _exercise(slug, title, "questionnaire", audience, ALONE.format(audience=audience), inside=inside)


def letter(slug: str, title: str, *, inside: str = "Nothing") -> Exercise:
    """Return a letter that can arrive now, later or in a session."""
    return _exercise(slug, title, "letter", "couple", LETTER, inside=inside)


def overlap(slug: str, title: str, *, sees: str = "overlap", inside: str = "Nothing") -> Exercise:
    """Return a list of four options of which only the common ones come to light."""
    return _exercise(slug, title, "overlap", "overlap", OVERLAP.format(sees=sees), inside=inside)


def tracker(
    slug: str, title: str, *, audience: str = "couple", asks: bool = False, inside: str = "Nothing"
) -> Exercise:
    """Return a daily log with a note; ``asks`` lets it ask each alone once a week."""
    body = TRACKER + (ASKED_ALONE if asks else "")
    return _exercise(slug, title, "tracker", audience, body, inside=inside, recurrence="daily")


def of_library(slug: str) -> Callable[..., Exercise]:
    """Return what makes an exercise of the library anew, under a name and with a clinician's part of its own."""

    def exercise(new_slug: str, title: str, *, inside: str = "Nothing") -> Exercise:
        source = library()[slug].source
        for key, words in (("id", new_slug), ("title", title), ("rationale", inside)):
            source = re.sub(rf'^{key} = ".*"$', f'{key} = "{words}"', source, count=1, flags=re.MULTILINE)
        return parse_exercise(source, name=new_slug)

    return exercise
