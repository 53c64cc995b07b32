"""Thanks and praise: for something one can picture, or in general."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from portal.exercises.coach.codes import Code, Find, Kind
from portal.exercises.coach.patterns import patterns
from portal.exercises.coach.reading import Sentence

_PRAISE: Final = patterns("<praise>")
_TURN_PRAISE: Final = patterns(
    """
    (thank|thanks|thankful|grateful|gratitude|appreciate|appreciated|appreciation|cheers for|ta for|bless you for|kudos|hats off|well done)
    i (also|really|so|just|absolutely|have|particularly|especially)* (loved|love|liked|enjoyed|admire|admired|cherish|noticed|notice|saw) (it when|it that|it so much when|it how|how|that|the way|when|your|watching|seeing|being) ..8
    (meant|means) (a lot|so much|the world|a great deal|more|everything|much) ..6
    (i am|i was|am|was|i feel|feel|felt|so|very|really|be) (so|very|really|just|quite|also|truly|deeply)* (proud of|glad|touched|moved|grateful) (that|when|how|by|of|you|about|because)
    (made|makes|saved) (my|me) (day|week|evening|smile|laugh|feel loved|feel cared|feel safe|feel special|feel seen|so happy|happy|morning|heart) ..4
    (so|really|very|incredibly)? (kind|sweet|lovely|good|thoughtful|generous|nice|helpful|wonderful) (of you|that you|to see) ..8
    (felt|feel) (so|really|very)? (loved|cared for|supported|seen|cherished|safe|special|close|held) ..2 (when|because|as|that|by)
    (was|is|were|are) (just|exactly|so|precisely)* (what|the thing) (i|we) (so|really|badly)* (needed|wanted|hoped for|had been longing for)
    ^ that you ..10 (was|is|were) (so|really|very|incredibly|such)* (kind|sweet|lovely|good|thoughtful|generous|nice|helpful|wonderful|brave) ..4
    (that|it|this|what you did) (was|is|were) (so|really|very|just|absolutely|such)* (wonderful|kind|lovely|great|amazing|brilliant|brave|sweet|thoughtful|magic|beautiful|impressive|generous) ..3
    (it|that) (really|so)* (helped|touched|moved|warmed|delighted) me ..4
    """
)
_GIFT_VERB: Final = patterns(
    "(cheers|ta|bless you|kudos|hats off|well done|respect|thank|thanks|thankful|grateful|appreciate|appreciated|gratitude|love|loved|like|liked|glad|happy|proud) ..4 (for|of) (not|all|also|you|so|always|even|just|your|again|really|quietly|patiently|kindly|never|being the one who)* <act_ing> ..14",
    "(appreciate|appreciated|love|loved|like|liked|enjoyed|noticed|saw|see) (it|how|that|the way|watching|seeing|hearing|you|your|when|what)* <act_ing> ..10",
)
_ACT: Final = patterns(
    """
    you (also|always|often|never|just|quietly|even|still|then|both|actually|immediately|both|have|had|did|did not|do not|simply|patiently|secretly|kindly|gently|all|already|only|once|sometimes|usually|came over and|so|really|not|went and|got up and|sat down and|calmly|happily|willingly|lovingly)* <act> ..14
    (how|the way|when|that|while|because|after|as|where|and|,) you ..2 <act> ..14
    """
)
_LIGHT: Final = patterns(
    "you (also|always|often|never|just|quietly|even|still|both|actually|immediately|have|had|simply|patiently|kindly|gently|only|so|really|calmly|not)* <light_verb> ..14",
    "(for|of|you|that|how|with|and) (not|all|also|just|always|so|patiently|kindly|really)* <light_verb> ..14",
)
_ABSTRACT: Final = patterns("<abstract>")
_ASKED: Final = patterns(
    "^ (and|so|but|then|,|now|also|oh|well|ps|by the way)* (could|can|would|will) (you|we) (please|also|maybe|just|kindly|possibly)* <doable> ..14",
    "^ (and|so|but|then|,|now|also|oh|well|ps|by the way)* please (also|just)* <doable> ..14",
    "^ (and|so|but|then|,|now|also|oh|well|ps|by the way)* <doable> ..12 ,? please $",
)
"""A request beside the praise tells nothing of what is praised."""
_BARE: Final = patterns("(love|adore|like|enjoy|admire|appreciate) your <act_ing> $")
"""Something that one does, but no moment of it: "I love your singing"."""
_THING: Final = patterns(
    "(cheers|ta|thank|thanks|thankful|grateful|love|loved|liked|enjoyed|appreciate|appreciated) ..4 (for|your|the|this|that|those) ..3 <gift>",
    "for (the|your|my|that) ..2 <gift>",
    "i (also|just|really)* (noticed|saw|found|spotted) (the|your|that|those) (new|fresh|clean|tidy|mended|fixed|folded|little|warm)* <thing> ..6",
    "you ..3 (make|made|bring|brought|give|gave|cook|cooked|buy|bought|send|sent|bake|baked|write|wrote|get|got|fetch|book|booked) (me|us|my|our|the kids)* ..2 <gift>",
    "(the|your|that|this|those|a) ..3 <gift> ..3 (you|was|were|made|meant|this|last|yesterday|on|at|saved)",
    "(your|the) ..2 <gift> ..6 (made|meant|helped|saved|got me|cheered|was|were)",
)
_TIME: Final = patterns(
    "<time>",
    "(at|around|until|till|by) <number>",
    "(when|while|after|during|before) (i|we|my|our|your|the|dad|mum|mom|lea|tom|things|it|he|she|they|nobody|you) ..1 <word>",
)
_VAGUE_TIME: Final = patterns(
    "every (day|single day)",
    "(when|while) (i am|i|we|you|things|life|it|times|the going) (with you|need you|need it|most|am down|am low|am sad|fall|feel low|are with me|smile|is hard|are hard|get hard|gets hard|gets tough|get tough|are tough|need|look at you|see you|think of you|wake up next to you|met you|met|met,) ..4",
    "(all these|over the|for many|all the) (years|years together)",
    "(should have|ought to have|never|not|meant to|meaning to) ..4 (said|told|say|tell|mentioned|admit|admitted) ..3 (ago|before|sooner|earlier|years ago|long ago|ages ago|until now|till now)",
)
_EFFECT: Final = patterns(
    """
    (you|it|that|your ..3|which|this) (always|still|just|really|never fail to)* (make|made|makes|help|helps|helped|let|lets|teach|taught|give|gives|gave|bring|brings|brought|fail to make) (me|us|my|our|the kids) (to|always|the|a|so|such)* (laugh|smile|giggle|feel|relax|want|calmer|stronger|braver|sleep|breathe|easier|lighter|grow|see|believe|courage|strength|hope|peace|confidence|feeling|days|day|better|proud|calm|joy|comfort|brave|seen|home)
    (with|around|near|beside|next to|because of|thanks to) you ,? (i|we) (can|always|just|never|also|dare|have|am|really|finally)* (feel|am|be|dare|can|laugh|sleep|relax|become|became|learned|learnt|believe|smile|forget|do not)
    i (always|can|also|just|really|never)* (feel|felt|am|laugh|smile|relax|sleep|breathe|can be|dare) ..6 (with you|around you|near you|beside you|next to you|in your arms|because of you|thanks to you|when you are|when i am with you|by your side)
    you ..2 (calm me|bring out the best|bring out the|light up|complete me|keep me|lift me) ..3
    (your|the sound of your|the sight of your) ..4 (makes|calms|lifts|comforts|helps|gives|warms|cheers|brightens|steadies|soothes) (me|us|my|our|the) ..4
    you (calm|lift|comfort|cheer|steady|soothe|brighten|warm|inspire|ground|challenge|encourage) (me|us|my|our) ..4
    """
)
_NEVER: Final = re.compile(r"^[^,]* (?:never|not) ")
_SWEEPING: Final = patterns("(always|constantly|forever|continually|perpetually|never) ..1 <bad>")
_NOT_PRAISE: Final = patterns(
    "you ..6 (say|said|saying|says|get|got|hear|heard) ..2 (thank|thanks)",
    "(thank|thanks|cheers|well done) ..2 for (ruining|wrecking|spoiling|wasting|embarrassing|humiliating|nothing|leaving me|forgetting|letting me down|lying|ignoring|waking|making us late|making me late|making me feel bad|making me look|dumping|abandoning|the lecture|breaking|destroying|blaming) ..4",
    "<harm> ..6 thanks to",
    "thanks to (you|your) ..8 <harm>",
    "(a|any|one|no|without) (thank|thanks|word of thanks)",
    "(not|never|n't) (thank|thanks|appreciate|grateful|love)",
    "(thank|thanks|appreciate|love) ..1 (it)? if",
    "would (appreciate|love|like|be grateful)",
)


def finds(
    found: Sequence[Sentence], told: Sequence[Sentence], kind: Kind, *, has_problem: bool
) -> Iterator[Find]:
    """Yield praise for something concrete, or praise that could be for anybody.

    ``told`` are the same sentences without what is only reported.
    """
    if kind not in {Kind.APPRECIATION, Kind.TURN} or not found:
        return
    specific = _specific(found, kind, has_problem=has_problem)
    if specific is not None:
        yield specific
        return
    if kind is Kind.TURN or any(_EFFECT.fits(each) for each in found):
        return
    praised = next((each for each in told if _PRAISE.fits(each)), None)
    if praised is not None or not has_problem:
        place = praised or found[0]
        yield Find(Code.GENERIC_PRAISE, place.start, place.end)


def _specific(found: Sequence[Sentence], kind: Kind, *, has_problem: bool) -> Find | None:
    thanks = kind is Kind.APPRECIATION or any(_TURN_PRAISE.fits(each) for each in found)
    if not thanks:
        return None
    for index, each in enumerate(found):
        if kind is Kind.TURN and not _is_near_thanks(found, index):
            continue
        if _ASKED.fits(each):
            continue
        span = _concrete(each, has_problem=has_problem)
        if span is not None and not _NOT_PRAISE.fits(each):
            return Find(Code.SPECIFIC_APPRECIATION, *span)
    return None


def _is_near_thanks(found: Sequence[Sentence], index: int) -> bool:
    return any(_TURN_PRAISE.fits(each) for each in found[max(0, index - 1) : index + 2])


def _is_reproach(words: str) -> bool:
    """Say whether words that look like an act are what a generalisation is about."""
    return _NEVER.search(words) is not None or _SWEEPING.fits_in(f"{words} ")


def _concrete(sentence: Sentence, *, has_problem: bool) -> tuple[int, int] | None:
    """Return the words of a sentence that name an act or a moment."""
    for looked_for in (_GIFT_VERB, _ACT, _THING):
        # Beside a problem, "you never tidy up" is that problem and no act to be thankful for.
        matches = (
            each
            for each in looked_for.matches(sentence)
            if not (has_problem and _is_reproach(each[0]))
            and not (looked_for is _GIFT_VERB and _BARE.fits(sentence))
        )
        match = next(matches, None)
        if match is not None:
            return sentence.span(match.start(), match.end())
    for match in _LIGHT.matches(sentence):
        clause = sentence.index_at(match.start() + 1)
        words = [word.plain for word in sentence.words[clause : sentence.clause_end(clause)]]
        said = f" {' '.join(words)} "
        if len(words) >= 5 and not _ABSTRACT.fits_in(said):
            return sentence.span(match.start(), match.start() + len(said) - 1)
    plain = sentence
    for match in _VAGUE_TIME.matches(sentence):
        plain = plain.masked(sentence.index_at(match.start() + 1), sentence.index_at(match.end() - 1) + 1)
    if (
        _TIME.fits(plain)
        and not (has_problem and _SWEEPING.fits(sentence))
        and not _EFFECT.fits(sentence)
        and not sentence.bag.isdisjoint({"you", "your", "we", "us", "our", "was", "were", "had"})
    ):
        return sentence.start, sentence.end
    return None
