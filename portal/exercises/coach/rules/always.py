"""Sweeping generalisations about the partner or the couple, told from happy, neutral and own habits."""

import re
import tomllib
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path
from typing import Final

from portal.exercises.coach.codes import Code, Find, Kind
from portal.exercises.coach.patterns import patterns
from portal.exercises.coach.reading import Sentence

ALWAYS: Final = frozenset(
    "always constantly forever continually perpetually invariably continuously eternally".split()
)
NEVER: Final = frozenset({"never"})
_YOU: Final = frozenset({"you", "yours"})
_WE: Final = frozenset({"we", "us"})
_THING: Final = frozenset("it there this that everything nothing".split())
_OTHERS: Final = frozenset("i he she they who".split())
_ME: Final = frozenset("me us we my you your our".split())


class Subject(Enum):
    """Whom a generalisation is about."""

    YOU = auto()
    WE = auto()
    THING = auto()
    SELF = auto()
    NOBODY = auto()
    """No subject in the clause: "Always on that phone"."""
    OTHER = auto()


_TABLE: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_SURE: Final = patterns(_TABLE["sure"])
_SURE_NOT: Final = patterns(_TABLE["sure_not"])
_EXPERIENCE: Final = patterns(_TABLE["experience"])
_EVER_AT_YOU: Final = patterns(_TABLE["ever_at_you"])
_EVERY_TIME: Final = patterns("(every time|each time|everytime) (i|we|the kids|my|our) ..10 ,? you ..8")
_GOOD: Final = patterns("<good>")
_BAD: Final = patterns("<bad>", "<sore>")
_BAD_ACT: Final = patterns("<bad>")
_NOT: Final = patterns("(not|no|without|hardly|instead of|too|nothing)")
_DELIGHT: Final = patterns("<delight>")
_SCHEDULE: Final = patterns(
    "..6 (before|until|till|after) (<day>|one|two|three|four|five|six|seven|eight|nine|ten)",
    "..6 (before|until|till|after) <number>",
)
_NEUTRAL_WE: Final = patterns(
    "(have to have|the last word|what you want|what your|your way|your mates|your mum|your mum's|your parents|your mother|your family|your friends|your plans|your rules|about you|about work|about money|too|end up|last|in a hurry|nothing|without|on your terms|your turn)"
)
_ABOUT_YOU: Final = patterns(
    "(more important|more urgent|more interesting|better) ..2 than (me|us|i|talking|being|time)",
    "(comes|come|came) (first|before me|before us)",
    "(by you|for you|your rules|your terms|about you|with you|like this|the same|your|you who|me who|me that|my fault|left to me|up to me|down to me|on me|one rule for)",
)
_QUARREL: Final = patterns(
    "(fight|fights|argument|arguments|row|rows|drama|excuse|excuses|problem|fault|wrong|late|too|same|complaints|criticism|trouble|stress|war|no|not|nothing|something|lies|shouting|silence|chaos|mess|disaster|work)"
)
_KEPT_FOR_ME: Final = patterns("(leave|leaves|save|saves|keep|keeps|left|saved|kept) ..5 for (me|us)")
_HAPPY_START: Final = patterns(
    "(never mind|never again|never have i|never have we|never did i|never before|always remember|always yours|always a pleasure|always nice|always lovely|as always)"
)


def finds(sentence: Sentence, kind: Kind) -> Iterator[Find]:
    """Yield the generalisations of a sentence."""
    if not _SURE_NOT.fits(sentence) and not _is_happy(sentence, kind):
        for match in _SURE.matches(sentence):
            yield _find(sentence, match.start(), match.end())
    if "ever" in sentence.bag and not _EXPERIENCE.fits(sentence) and not _SURE_NOT.fits(sentence):
        for match in _EVER_AT_YOU.matches(sentence):
            if sentence.asks or not match.group().lstrip().startswith(
                ("do you", "did you", "have you", "would you")
            ):
                yield _find(sentence, match.start(), match.end())
    for match in _EVERY_TIME.matches(sentence):
        if kind is not Kind.APPRECIATION and not _GOOD.fits_in(_after_you(match.group())):
            yield _find(sentence, match.start(), match.end())
    for index, word in enumerate(sentence.words):
        if word.plain in ALWAYS | NEVER and _is_reproach(sentence, index, kind):
            first = max(sentence.clause_start(index), _subject_at(sentence, index))
            yield Find(
                Code.ALWAYS_NEVER,
                sentence.words[first].start,
                sentence.words[sentence.clause_end(index) - 1].end,
            )


def _is_happy(sentence: Sentence, kind: Kind) -> bool:
    """Say whether a sentence is praise, so that "every single day" in it is no reproach."""
    bad = _BAD.fits(sentence) and not _DELIGHT.fits(sentence)
    if kind is Kind.APPRECIATION:
        return not bad and not _NOT.fits(sentence)
    return _GOOD.fits(sentence) and not bad and not _NOT.fits(sentence) and "never" not in sentence.bag


def _after_you(words: str) -> str:
    return f" {words.rpartition(' you ')[2]} "


def _find(sentence: Sentence, begin: int, stop: int) -> Find:
    start, end = sentence.span(begin, stop)
    return Find(Code.ALWAYS_NEVER, start, end)


def _is_reproach(sentence: Sentence, index: int, kind: Kind) -> bool:
    never = sentence.words[index].plain in NEVER
    before, after = _before(sentence, index), _after(sentence, index)
    if (
        _LIKED.fits(sentence)
        or (_NEGATED_BEFORE.fits_in(before) and not _CONCEDED.fits_in(before))
        or (never and _DENIED.begins(after) and _DENIAL.fits_in(before))
        or _THROUGH_TIME.begins(after)
        or (not never and _FOR_GOOD.begins(after))
        or _SELFLESS.fits_in(after)
        or (not never and _LOYAL.begins(after))
    ):
        return False
    match _subject(sentence, index):
        case Subject.YOU:
            if not never and _BUT_YOU.fits_in(before) and not _GOOD.fits_in(after):
                return True
            return _is_bad_of_you(after, never=never, kind=kind, fond=_is_fond(sentence))
        case Subject.WE:
            return _is_bad_of_us(after, never=never, kind=kind)
        case Subject.THING:
            about_us = not _ME.isdisjoint(after.split()) or "enough" in after
            if never:
                return (about_us or _BAD.fits_in(after)) and _is_bad_of_us(after, never=never, kind=kind)
            reproach = (
                _QUARREL.fits_in(after) or _ABOUT_YOU.fits_in(after) or (about_us and _BAD.fits_in(after))
            )
            return reproach and not _GOOD.fits_in(after)
        case Subject.NOBODY:
            return _is_bad_alone(sentence, index, after)
        case _:
            return False


def _is_fond(sentence: Sentence) -> bool:
    """Say whether a sentence is full of delight and of nothing harsh."""
    return _DELIGHT.fits(sentence) and not _BAD_ACT.fits(sentence) and not _NOT.fits(sentence)


_LIKED: Final = patterns(
    "(,|and|which|-|–|—) (and|that|is)? (i|what i) (really|just|do|also|so)* (like|love|adore|enjoy|appreciate|admire) (it|that|this|you|about)* $",
    "(,|and|which|-|–|—) (and|that|is)? (i|what i) (really|just|do|also|so)* (like|love|adore|enjoy|appreciate|admire) (it|that|this|about you|you)",
    "(thank you|thanks|bless you|grateful|thankful|glad|happy|lucky|appreciate) (for|that|because|so much|how|,)* ..2 (always|never)",
    "(,|and|so|-|–|—) (thank you|thanks|bless you) (for|so)? ..6 $",
    "(i|i really|i do) (like|love|adore|enjoy|appreciate|admire) (that|how|it when|it that|the way|when) ..2 you (always|never)",
)
_NEGATED_BEFORE: Final = patterns(
    "(not|never|if|hope|promise|wish|want|whether) (you|we|that you)? (will|would|to|do|have to|are|can|be)? $"
)
_BUT_YOU: Final = patterns(
    "(but|yet|although|though|however|only|except|shame|pity) ,? (that)? you (are|were|do|have|have been|just|also|still|really|can)* $"
)
"""Praise that a "but" takes back: "you're lovely, but you constantly…"."""
_CONCEDED: Final = patterns("even if ..2 $")
_DENIAL: Final = patterns(
    "(it|this|that|he|she|they|what i said|the problem) (was|were|has|had|have) (really|honestly|truly|actually)* $"
)
_DENIED: Final = patterns(
    "(ever|once|really|been|just|only|all)* (about|you|your|yours|you who|because of|because you|meant|aimed at|against|directed at|personal|a question of|a matter of|a case of|my intention|my plan|my idea|my wish|our plan|intended|to do with|supposed to|the)"
)
_FOR_GOOD: Final = patterns("(love|remember)")
_LOYAL: Final = patterns(
    "(stand|stood|stick|stuck|speak|spoke|spoken|standing|sticking) (up for|by|with) (me|us)",
    "(have|had|got) (my|our) back",
    "(be|been) (on my side|in my corner|there for me|there for us|kind to|good to|patient with|honest with)",
    "(take|took|taken) my side",
    "(defend|defended|protect|protected|back|backed|believe in|believed in) (me|us)",
)
_SELFLESS: Final = patterns(
    "without (a word|a murmur|complaining|complaint|complaints|being asked|being told|asking|hesitation|hesitating|a grumble|grumbling|any fuss|fuss|expecting|making a fuss)"
)
_THROUGH_TIME: Final = patterns(
    "(have to|need to|needed to|had to) (worry|apologise|apologize|explain|ask|hide|pretend|be afraid|be ashamed|be alone|justify|thank|doubt|prove|earn|fear) ..3",
    "(get|got|gotten|getting) (round|around|as far as|to the|to see|to go|to finish|to try|to bed)",
    "(did|quite|really)? (find|found) (out|the time|the right)",
    "been (more|further|farther|abroad|happier|so|better|prouder|this|that|closer|one for|good at|able|in love|as) ..4",
    "(been to|been in|been on|seen the|tried sushi|visited|swum|met my|been abroad|been able to afford|had a dog|grateful|in my heart|be my|yours|and ever)",
    "been (taller|older|younger|faster|stronger|cleverer|shorter|quicker|tidier|bigger)",
    "lived (by|in|near|next to|close to) (the|a|this|that)",
    "(wanted|dreamed|dreamt|hoped|longed|wished) (to|of) (see|go|visit|learn|try|have|travel|live|seeing|going|visiting|having|living|own|owning|become|play|sing|meet) ..4",
)


def _is_bad_of_you(after: str, *, never: bool, kind: Kind, fond: bool) -> bool:
    good = _GOOD.fits_in(after)
    bad = _BAD.fits_in(after) and not _KEPT_FOR_ME.begins(after)
    if never:
        return _is_bad_never(after)
    if kind is Kind.APPRECIATION or fond:
        return bad and not good
    return bad or not good or _NOT.fits_in(after)


def _is_bad_never(rest: str) -> bool:
    """Say whether it is bad that something never happens: "you never forget" and "you never let me down" are kind."""
    after = _FILLED.sub(" ", rest)
    if _FAILS.begins(after):
        return False
    if _STOPS.begins(after):
        return _BAD_ACT.fits_in(after.partition(" ".join(after.split()[:1]))[2]) or not _GOOD.fits_in(after)
    if " without " in after:
        # "You never leave without a kiss" is kind, "never without complaining" isn't.
        return _BAD_ACT.fits_in(after)
    if not _BAD_ACT.fits_in(_first(after, 4)):
        return True
    return _GOOD.fits_in(_first(after, 3)) and not _BAD_ACT.fits_in(_first(after, 3))


_FILLED: Final = re.compile(r"^(?: (?:once|ever|even|really|actually|again))+ ")
_FAILS: Final = patterns(
    "(fail|failed|fails|forget|forgot|hesitate|hesitated|neglect|omit|refuse|refused) to",
    "(miss|missed) (a|an|any|one|my|our|the)",
)
_STOPS: Final = patterns("(stop|stopped|cease|ceased|quit|tire|get tired|shut up|let up)")


def _is_bad_of_us(after: str, *, never: bool, kind: Kind) -> bool:
    bad = _BAD.fits_in(after)
    if never:
        return not bad and not _SCHEDULE.begins(after) and kind is not Kind.APPRECIATION
    return bad or _NEUTRAL_WE.fits_in(after)


def _is_bad_alone(sentence: Sentence, index: int, after: str) -> bool:
    if index > 1 or _HAPPY_START.fits_in(sentence.line):
        return False
    at_you = not _ME.isdisjoint(after.split()) or _BAD.fits_in(after)
    return at_you and not _GOOD.fits_in(after)


def _after(sentence: Sentence, index: int) -> str:
    """Return the rest of the clause after a word, with a space at both ends."""
    words = sentence.words[index + 1 : sentence.clause_end(index)]
    return f" {' '.join(word.plain for word in words)} "


def _first(line: str, many: int) -> str:
    return f" {' '.join(line.split()[:many])} "


def _before(sentence: Sentence, index: int) -> str:
    words = sentence.words[max(0, index - 5) : index]
    return f" {' '.join(word.plain for word in words)} "


def _subject_at(sentence: Sentence, index: int) -> int:
    """Return the index of the nearest subject before a word in its clause, or of the clause's first word."""
    begin = sentence.clause_start(index)
    for earlier in range(index - 1, begin - 1, -1):
        if sentence.words[earlier].plain in _YOU | _WE | _THING | _OTHERS | {"your"}:
            return earlier
    return begin


def _subject(sentence: Sentence, index: int) -> Subject:
    """Tell whom the clause around an "always" is about; in "why do you always" the subject follows a verb."""
    begin = sentence.clause_start(index)
    before = [word.plain for word in sentence.words[begin:index]]
    for plain in reversed(before):
        if plain in _YOU or plain == "your":
            return Subject.YOU
        if plain in _WE:
            return Subject.WE
        if plain in _THING:
            return Subject.THING
        if plain in _OTHERS:
            return Subject.SELF
    if any(word not in _FILLERS for word in before):
        return Subject.OTHER
    if begin == 0 and index <= 1:
        return Subject.NOBODY
    # "You promise and never keep it": the subject stands in the clause before.
    earlier = [word.plain for word in sentence.words[:begin]]
    return (
        Subject.YOU
        if "you" in earlier and not {"i", "we", "he", "she", "they"} & set(earlier)
        else Subject.OTHER
    )


_FILLERS: Final = frozenset(
    "and but or so just oh well honestly really almost still , have has had do are is".split()
)
