"""What keeps a draft from being published, in a therapist's words: the reader of definitions speaks of files and keys."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from portal.exercises.own.compile import Trouble
from portal.web.translate import _

Saying = Callable[[re.Match[str]], str]


def say(trouble: Trouble) -> str:
    """Return the sentence for something that is missing or wrong."""
    for pattern, saying in _SAYINGS.items():
        found = re.search(pattern, trouble.problem)
        if found is not None:
            return saying(found)
    return _("This can’t be published as it is: %(problem)s", problem=trouble.problem)


def _gap(_found: re.Match[str]) -> str:
    return _("Please fill this in")


def _number(_found: re.Match[str]) -> str:
    return _("Please write a number in digits, such as 20")


def _too_long(found: re.Match[str]) -> str:
    over = int(found[1]) - int(found[2])
    return _(
        "This is %(over)s characters longer than the %(most)s there is room for", over=over, most=found[2]
    )


_SAYINGS: Final[Mapping[str, Saying]] = {
    r"must hold at least one table": lambda _f: _("Please add at least one"),
    r"must hold at least 2": lambda _f: _("Please write at least two, one on each line"),
    r"^is missing; touch_level": lambda _f: _("With touch, please say when and how to stop"),
    r"^is missing|must not be empty|at least one text|must name at least": _gap,
    r"whole number|must be a number|finite number": _number,
    r"has (\d+) characters; (\d+) are allowed": _too_long,
    r"a second round would repeat": lambda _f: _(
        "There have to be at least twice as many cards as one round has"
    ),
    r"must be at least (\d+)": lambda f: _("Please write a number that is not below %(low)s", low=f[1]),
    r"must be at most (\d+)": lambda f: _("Please write a number that is not above %(high)s", high=f[1]),
    r"a (?:scale|slider) has": lambda _f: _("A scale has two to eleven points, such as 0 to 10"),
    r"must be above low": lambda _f: _("The highest number has to be above the lowest"),
    r"min_length|must not be above max_length": lambda _f: _("The shortest can’t be longer than the longest"),
    r"is not one of": lambda _f: _("Please choose something from the list"),
    r"on an earlier page": lambda _f: _(
        "A condition looks at a question that isn’t on an earlier page any more. Please take it out, or move the question"
    ),
    r"can never be asked of": lambda _f: _(
        "A condition asks for an answer that can’t be given any more. Please take it out, or choose again"
    ),
    r"must be therapist where an answer may raise": lambda _f: _(
        "An answer to this can raise a safety flag, so it has to be for the one who writes it and you"
    ),
    r"isn't possible here|can only lead to|isn't for a partner": lambda _f: _(
        "This form doesn’t allow that. Please choose another"
    ),
    r"exactly three": lambda _f: _("Please write exactly three, one on each line"),
    r"must ask (?:free_to_say_no|worry)|(?:free_to_say_no|worry) has the options": lambda _f: _(
        "Afterwards each is always asked whether they felt free to say no, and whether something worries them. "
        "Those two questions have to stay as they were"
    ),
    r"at least one part needs a min": lambda _f: _(
        "At least one part needs one character or more, or an empty letter could be sent"
    ),
    r'must be \["held"\]': lambda _f: _("What is held for a session can only be held for a session"),
    r"two to five": lambda _f: _("Please have two to five answers, at least one of which counts as done"),
    r"there is no (?:item|question), and no score|there is no item": lambda _f: _(
        "A total counts a question that isn’t there any more. Please take the total out, or put the question back"
    ),
    r"can't be counted": lambda _f: _(
        "A total counts a question whose answer isn’t a number any more. Please take the total out"
    ),
    r"would open by two rules": lambda _f: _(
        "Answers for both would open by two rules in this exercise. Please give them one audience"
    ),
    r"there is no option": lambda _f: _(
        "An answer that raises a safety flag was taken out of the list. Please write it again as it was"
    ),
    r"two cards ask the same": lambda _f: _("Two cards ask the same"),
    r"there is no layer": lambda _f: _("Please choose how deep this card goes"),
    r"control character": lambda _f: _("This holds a character that can’t be kept. Please take it out"),
    r"comes twice": lambda _f: _("Something in it comes twice"),
}
