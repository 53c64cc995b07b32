"""Sweeping generalisations about the partner or the couple, told from happy, neutral and own habits."""

from collections.abc import Iterator
from enum import Enum, auto
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


_SURE: Final = patterns(
    """
    not (a|one) (single)? (day|evening|night|time|week|weekend|meal|word|compliment|thank you|conversation|morning|kind word|hug|kiss) (goes by|passes|from you|in|without|when|has|have|since|that|do|did|ever) ..8
    not (a|one) single (day|evening|night|time|week|weekend|meal|word|compliment|conversation|morning|kind word|hug|kiss) ..8
    (no|not one) day (goes by|passes) without ..8
    it is always ..8 with you
    with you ,? (it is|there is|it 's) (always|never|nothing but|constantly|only ever) ..6
    not for (a|one) (single)? (second|minute|moment|day) ..6
    (in|for|after) (all|ten|twenty|five|fifteen|thirty|forty|the|seven|eight|three|four|two|these|our|<number>) ..2 (years|time|months|marriage) ..3 (you|we) ..2 (not|never) (once|even|ever) ..8
    (nothing but|nothing except) (complaints|criticism|fights|fighting|arguments|excuses|lies|moaning|nagging|trouble|work|drama) ..3
    no matter (what|how|when|how much|how hard|how often) i ..3 (try|do|say|it|make|cook|ask) ,? ..6 (not|never|wrong|enough|nothing|you)
    (i|we) (have)? (never|not) (ever|once) (had|heard|got|seen|been) ..3 (from you|by you|with you)
    you ..3 (without exception|every single|every last|each and every) ..6
    the (only|one) time you (ever)? (talk|touch|kiss|call|help|look|speak|say|listen|come|pay|smile|notice|hug|do) ..6
    (you|we) (can|could) not (go|have|get|do|spend|sit|talk) (through)? (one|a|a single|two|five) ..3 (without) ..6
    (every|each) (single|bloody|damn|goddamn|fucking) (time|day|night|evening|morning|week|weekend|sunday|saturday|friday|monday|one of|conversation|argument) ..8
    it is never your (fault|turn|job|problem) ..4
    each and every (time|day|night) ..6
    not (even)? once (have|did|do|were|are|in|has|can) (you|we|all|twenty|ten|the|my|our|five|a|your) ..6
    (you|we) ..5 not (even)? (a single time|one single time) ..5
    (you|we) (have|did|could|had|do|can|are|were) not (even)? once ..6
    you ..8 not (even)? once $
    (you|we) (have|had)? never (ever|once) ..6
    (all|everything) you (ever|always) (do|did|say|talk|think|care|want|wanted) ..5
    all you (do|did|talk about|think about|say) (is|was) ..5
    (you|we) (only|just) ever ..6
    you do nothing (but|except) ..4
    (nothing|none of what) (that)? (i|we) (ever)? (do|did|say|said|cook|make|try|buy|does|suggest|wear|plan) (is|was|will be|can be|could be|will)? (ever|always)? (good|right|enough|please|pleases|counts|matters|makes|suits|be good|correct|fine) ..4
    nothing (is|was) ever (good|right|enough|clean|fair|your) ..4
    nothing ever (is|changes|pleases|satisfies|gets) ..6
    i can (never|not ever) (do|say|get|please|rely|count|talk|trust|be|have|win|make|ask|tell|speak|finish) ..3 (right|anything|you|on you|to you|with you|nothing|it right|without you) ..4
    i (never|can never) (get|hear|receive|see|have) (a|any|one|an|so much as a|even a|the slightest|enough)? ..3 (from you|out of you|with you|of you|help from you) ..3
    (hardly|barely|scarcely|almost never|practically never|next to never|rarely) ever? (talk|do|say|help|touch|kiss|come|ask|see|speak|listen|notice|look|laugh|spend|go|have|make|cook|hold|call|take|eat|hug) ..6
    (nobody|no one) (in this house|here|around here|in this family|ever)? (ever|cares|helps|listens|notices|thanks) ..8
    (you|we|it) ..10 (all the time|all the bloody time|24 / 7|day in day out|day in , day out|day in and day out|day after day|night after night|week after week|year after year|time after time|time and time again|time and again|over and over|over and over again|again and again|without fail|non-stop|non stop|nonstop|round the clock|at every turn|at every opportunity|the whole time|the entire time|every chance you get|without exception|from morning to night|from morning till night|on and on|every second|every minute|endlessly|incessantly|permanently|forever) $
    (every time|each time|everytime|any time|anytime|whenever) ..6 (you|it is) (have to|find|start|leave|turn|change|walk|get|roll|shout|yell|blow|refuse|ignore|forget|make a|make it|criticise|criticize|complain|say no|sulk|go silent|shut|interrupt|end up|just|pick|attack|blame|run|sigh|laugh at|the same|disappear|storm|explode|do not|cancel|snap) ..6
    (i|we) ..8 (every time|each time|everytime) , (and|but)? you ..5
    (it|this) (is|'s) (the same|like this|like that) ..3 (every time|each time|every day|with you|every night|every week|all the time|every sunday|every weekend|every single) ..4
    the same (old)? (story|thing|excuse|excuses|fight|argument|song) (every|all|each|over|again|with) ..5
    (you|we) (literally|really)? (can|could|will|do|did|would|are|have) not ever ..6
    (once in your life|for once in your life|just one time) ..6
    (does|do|will|is|has|did|can) (anything|anyone|anybody|one thing) ..5 ever ..8
    everything (i do|i say|i|is|has to|must|always|in this house) ..2 (wrong|about you|your way|revolve|revolves|my job|my fault|on me|left to me|up to me|on your terms|not good enough|up to your) ..4
    (at no point|at no time|under no circumstances) (do|did|have|are|were|would|will) (you|we) ..6
    you (are|were) (never|nowhere|always) (there|here|around|available|to be found|home|at home|present|satisfied|happy with) ..4
    (i am|i have to be|i was) (always|constantly|forever) (the one|the only one|the last|last|second|alone|waiting|left|cleaning|apologising|apologizing|blamed|to blame|wrong|the bad|the villain|on my own with|having to|picking|chasing|the idiot|begging|asking) ..6
    i (always|constantly) (have to|must|am the|need to|get the blame|get blamed|come last|come second|come after|end up) ..8
    it is always (me|i) ..6
    i (have to|must|do|am the one who|am doing|handle|manage|end up doing) ..2 (everything|it all|all of it|all the work|all the housework) (alone|myself|here|around here|on my own|in this house|by myself|for you|and you|while you)+ ..4
    you (do not|never) (do|contribute|lift|say|tell) (anything|a thing|a finger|nothing|a single thing) ..6
    you do (nothing|fuck all|sod all) ..6
    (a thousand|a million|hundred|a hundred|million) times ..5 (you|told you|asked you) ..5
    i (have)? (tell|told|ask|asked) you (a thousand|a million|a hundred|hundreds of|thousands of) times
    """
)
_EVERY_TIME: Final = patterns("(every time|each time|everytime) (i|we|the kids|my|our) ..10 ,? you ..8")
_SURE_NOT: Final = patterns(
    """
    not once (have|did) you ..4 (complain|complained|raised|judged|doubt|doubted|made me feel|let me|lost|grumbled|gave up|given up|blamed|criticised|criticized|shouted|hesitated|asked for|rush|rushed)
    you ..2 (not|never) once ..2 (complain|complained|raise|raised|judge|judged|doubt|doubted|make me feel|made me feel|let me|lost|grumble|grumbled|gave up|given up|blamed|blame|shout|shouted|hesitate|hesitated|rush|rushed|forgot|forgotten|left my)
    you never (once|ever) (complain|complained|raise|raised|judge|judged|doubt|doubted|make me feel bad|made me feel|let me|lost|grumble|grumbled|gave up|given up|blamed|blame|shout|shouted|hesitate|hesitated|rush|rushed|forgot|forgotten)
    (could|can|would) (you|we) ever (forgive|love me|trust me|see yourself)
    (could|can|would|shall) we ..8 (for once|just once) ..4 (please|together|without)
    """
)
_EXPERIENCE: Final = patterns(
    """
    (have|had) you ever (been|seen|tried|eaten|met|had|heard|read|wanted to|visited|wondered|played|felt|dreamed|dreamt|flown|lived|watched|swum|worn|driven|noticed how|ridden|sung)
    (do|did) you ever (wonder|miss|dream|remember|go|get|feel|play|wish|want|think about the|think about our|hear from|watch|see)
    (if|than|as|best|worst|better|more|first|only|biggest|most|happier|hardly|kindest|nicest|loveliest|sweetest|all i have|anything i have|everything i) ..6 ever
    """
)
_EVER_AT_YOU: Final = patterns(
    """
    (do|did|can|could|will|would|are|were|have|when|why|how come) (do|did|have|are|not|will|were|would|can)? (you|we) (not)? ever ..8
    (can|could|will|would|do|did|have) not you ever ..8
    you (not|hardly|barely|scarcely|rarely|seldom) ever ..8
    you (do|did|have|can|could|will|would|are|were) (not|hardly|barely|scarcely|rarely|seldom) ever ..8
    we (do|did|have|can|could|are|were) (not|hardly|barely|scarcely|rarely|seldom) ever ..8
    (we|you) (hardly|barely|scarcely|rarely|seldom) (ever)? (talk|touch|kiss|help|ask|laugh|speak|do) ..6
    """
)
_GOOD: Final = patterns("<good>")
_BAD: Final = patterns("<bad>", "<sore>")
_BAD_ACT: Final = patterns("<bad>")
_NOT: Final = patterns("(not|no|without|hardly|instead of|too|nothing)")
_SCHEDULE: Final = patterns(
    "..6 (before|until|till|after) (<day>|one|two|three|four|five|six|seven|eight|nine|ten)",
    "..6 (before|until|till|after) <number>",
)
_NEUTRAL_WE: Final = patterns(
    "(have to have|the last word|what you want|your way|your parents|your mother|your family|your friends|your plans|your rules|about you|about work|about money|too|end up|last|in a hurry|nothing|without|on your terms|your turn)"
)
_ABOUT_YOU: Final = patterns(
    "(about you|with you|like this|the same|your|you who|me who|me that|my fault|left to me|up to me|down to me|on me|one rule for)"
)
_HAPPY_START: Final = patterns(
    "(never mind|never again|never have|never did|never before|always remember|always yours|always a pleasure|always nice|always lovely|as always)",
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
    bad = _BAD.fits(sentence)
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
    after = _after(sentence, index)
    if (
        _LIKED.fits(sentence)
        or _NEGATED_BEFORE.fits_in(_before(sentence, index))
        or _THROUGH_TIME.begins(after)
    ):
        return False
    match _subject(sentence, index):
        case Subject.YOU:
            return _is_bad_of_you(after, never=never, kind=kind)
        case Subject.WE:
            return _is_bad_of_us(after, never=never, kind=kind)
        case Subject.THING:
            about_us = not _ME.isdisjoint(after.split()) or "enough" in after or _BAD.fits_in(after)
            if never:
                return about_us and _is_bad_of_us(after, never=never, kind=kind)
            return (_BAD.fits_in(after) or _ABOUT_YOU.fits_in(after)) and not _GOOD.fits_in(after)
        case Subject.NOBODY:
            return _is_bad_alone(sentence, index, after)
        case _:
            return False


_LIKED: Final = patterns(
    "(,|and|which|-|–|—) (and|that|is)? (i|what i) (really|just|do|also|so)* (like|love|adore|enjoy|appreciate|admire) ..4",
    "(thank you|thanks|bless you)",
    "(i|i really|i do) (like|love|adore|enjoy|appreciate|admire) (that|how|it when|it that|the way|when) ..2 you (always|never)",
)
_NEGATED_BEFORE: Final = patterns(
    "(not|never|if|hope|promise|wish|want|whether) (you|we|that you)? (will|would|to|do|have to|are|can|be)? $"
)
_THROUGH_TIME: Final = patterns(
    "(been to|been in|been on|seen the|tried sushi|visited|swum|met my|been abroad|been able to afford|had a dog|grateful|in my heart|be my|yours|and ever|love|remember)"
)


def _is_bad_of_you(after: str, *, never: bool, kind: Kind) -> bool:
    good = _GOOD.fits_in(after)
    bad = _BAD.fits_in(after)
    if never:
        # "You never forget", "you never let me down": what never happens is bad.
        if " without " in after:
            # "You never leave without a kiss" is kind, "never without complaining" isn't.
            return _BAD_ACT.fits_in(after)
        return _GOOD.fits_in(_first(after, 3)) or not _BAD_ACT.fits_in(_first(after, 4))
    if kind is Kind.APPRECIATION:
        return bad and not good
    return bad or not good or _NOT.fits_in(after)


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
