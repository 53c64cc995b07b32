"""Apologies: taken back by a "but", or owned because they name what was done."""

from collections.abc import Iterator, Sequence
from typing import Final

from portal.exercises.coach.codes import Code, Find
from portal.exercises.coach.patterns import patterns
from portal.exercises.coach.reading import Sentence

_SORRY: Final = patterns(
    "<apology>",
    "(i was wrong|i was unfair|i should not have|i know i was|i know it was wrong|i know i did|i know i hurt|i know i should|i admit|i am to blame|my fault|my mistake|my bad|i feel bad|i feel terrible|i feel awful|i was rude|i was harsh|i overreacted|i messed up|wrong of me)",
)
_CONTRAST: Final = patterns(
    "(but|however|although|though|even though|then again|having said that|that said|still ,|yet|nevertheless|nonetheless|on the other hand) ..14"
)
_NOT_CANCELLING: Final = patterns(
    """
    (but|however|although|though|even though|yet|still) (,|that|it|this|there|none|please|then|also|really|now|today|from now on|honestly|in the end|of course|at least)* (is|'s|was|does|will|does not|did not|should|can)* (not|never|no|still|my|on|all|only|i|would)+ (on me|on my|my|me|still|no excuse|an excuse|excuse|any excuse|justify|make it|change|your fault|happen|want|would like|would never|would do|will|am going|am working|hope|promise|know|understand|did it|did so|went|said it anyway|should|could have|had no right|love|choose|chose|am trying|take|need to do|can do|care|can see|see|realise|realize|was wrong|am sorry|apologise|mean it|intend|plan|owe|could|am ready|am willing|am listening|really want|truly|have no excuse|have booked|have called|have learned|am learning|own|regret|still did|wish|feel bad|feel terrible|behaved|acted|let|hurt you|broke|did not|do not expect|never meant to excuse|made it worse|cannot undo|can not undo|ask|want to do|want to make) ..8
    (but|however|although|though|even though|yet|still) (that|it|this|tiredness|stress|being|none of|work|nothing|the|my) ..6 (no excuse|not an excuse|is not your|not excuse|not justify|on me|my fault|my responsibility|my mistake|my doing|was wrong|not fair|not right|not okay|not ok|not make it|not change|did not deserve|my own|was mine|is mine|no reason|not a reason|never excuse|not your)
    (but|however|although|though|even though|yet|still) you (did not|do not|never|should not) (deserve|deserved|have to|need to|ask for) ..4
    (but|however|although|though|even though|yet|still) you (had every|have every|were right|are right|had a right|have a right|deserve|deserved|had asked me|had trusted|trusted me|were counting|counted on|needed me|waited) ..4
    (but|however|although|though|even though|yet|still) you were waiting (up|at|in|there|all|alone|with|outside|and|by|for dinner|for us|for an hour|for hours|for two hours|for me $|$) ..4
    (not only|not just|nothing|anything|all|not for|none|no one|no excuses|not an excuse) ..10 but
    but (also|for|mostly|especially|even more|above all|most of all|more than that|better)
    (but|however|though|yet) (please|thank|thanks|if you want|if you would|if you like|if you need|if you let|if you can|when you are|let|would you|could you|can we|what can|how can|next time|from now|in future)
    however (tired|hard|much|badly|often|angry|upset|stressed|late|drunk|busy|little|long|hurt|cross|mad|small|big|<word>) (i|it|we|you|that|things|the|my) (was|am|were|is|had|felt|feel|may|might|seemed|wanted|tried) ..6
    (sorry|apologise|apologize) but (i|we|it)? (can not|have to|need to|will not|do not|am not able|must|disagree|is not|would rather|could not make)
    """
)
_SORRY_FIRST: Final = patterns(
    """
    ^ (and|so|well|,)* (although|though|even though|while|whilst|much as|as much as) ..4 <apology> ..14 , (you|your|anyone|anybody|everyone|everybody|any|someone|people|most people|there|the|it|that|what|my|we|nobody|no one) ..14
    ^ (and|so|well|,)* (although|though|even though|while|whilst|much as|as much as) ..4 <apology> ..14 , i (had|was|only|did|stand|would|could|just|thought|needed|felt|have|still think|still believe|still say|do think|do feel|am not|do not think|do not see|really) ..14
    """
)
_BLAMED_FIRST: Final = patterns(
    "^ (and|so|well|,)* (although|though|even though|while|whilst) you ..2 <brought_on> ..8 , ..4 <apology> ..10"
)
_OWNS_IT_ALL: Final = patterns(
    """
    , ..6 (no excuse|not an excuse|not excuse|not enough|not undo|not make it|not change|not justify|on me|my fault|my mistake|my doing|my responsibility|mine|wrong of me|unfair of me|was wrong|no right|did it anyway|every right|did not deserve|deserve|deserved|not your fault)
    , ..2 (you|your) (were|are) (right|hurt|entitled) ..4
    , (it|that|there) (will|would|does|can) (not|never) ..8
    """
)
_OWNING_AFTER: Final = patterns(
    "(on me|no excuse|not an excuse|my responsibility|my fault|own it|own that|take responsibility|did it anyway|did not deserve|not your fault|does not justify|no justification)"
)
_BLAMING_FIRST: Final = patterns(
    "^ (but|however|although|though|still|yet|then again|having said that|that said|mind you) ..20"
)

_NOT_YET: Final = patterns(
    """
    (will|would|want to|wants to|wanted to|going to|need to|should|have to|promise to|ready to|when i|if i|ought to|am trying to|plan to|like to|meant to|cannot|can not|how to|where to|to hear you|do not|did not|not|never|you|she|he|they|your|accept|waiting for|demand|expect|an|ask for an|no) (say|properly|also|really|just|even|be|to|want to|ever|have to|am|feel|n't|not|my|ask|make|say that i am|offer)* <apology>
    owe you an <apology> $
    (have|had|already|once|twice)+ (said|told you|tried to say|say) (that)? (i am|i was)? <apology>
    <apology> (to|tomorrow|when i am|later|on|next) (your|my|her|him|his|them|the|tomorrow|ready|sunday|monday|everyone) ..6
    """
)
_SORRY_NOW: Final = patterns(
    "(i am|am|so|very|truly|really|deeply|i|do|terribly|,|and|^|just|my|honestly|sincerely|still|sincere) <apology>",
    "^ <apology>",
)
_SAID_SO: Final = patterns(
    "i (want to|wanted to|would like to|have to|need to|must) (also|just|really|truly|say|tell you|tell you that|say that|i am|am|so)* <apology> (for|that i|about the way|about how) ..2"
)
_DENIES: Final = patterns(
    "(but|however|although|though|even though|yet|still) ..4 (was|is|were|are) not (really|entirely|all|only|just)? (my|mine) ..2"
)
_SORRY_FOR_YOU: Final = patterns(
    "<apology> (that|to hear|about|for)? (that)? (you|your|for your|he|she|they|life) ..3"
)
_ACT: Final = patterns(
    """
    <apology> (that|,|for|because|about|when|to say|to admit|darling|love|dear|honey|again|again that|about the fact that|for the fact that|how|about how|the way|about the way|for how|for the way)* i ..2 <own_act>
    <apology> (that|because|,|darling|love|dear|honey|how|the way)* i (have|just|really|ever|only|went and|again|then|had)* <did> ..10
    <apology> (that)? i do not (come|call|help|ask|answer|listen|go|tell|wait|remember|do|make|bring|write|pick|clean|say) ..6
    regret (not|ever|having)? <doing> ..8
    <apology> (for|about|that i|of) (not|never|having|even|always|my|just|also|repeatedly|once again|again|being the one|,)* <doing>
    <apology> (for|about|of) (what|how|the way|the things|the words|the thing|everything) i <own_act> ..3 <word>
    <apology> (for|about) (what|the things|the words|the thing) i (said|did|wrote|called|told|shouted|posted) ..6
    <apology> (for|about) (being|having been|getting) (late|rude|short|snappy|distant|cold|harsh|unfair|grumpy|absent|drunk|impatient|unkind|mean|so|jealous|dismissive|on my phone|in a mood|sarcastic|defensive|quiet|selfish|moody|loud|away|silent|nasty|cruel|curt|gruff|hard on|too hard|dishonest|stubborn|an idiot) ..6
    <apology> (for|about) (my|the) ..2 <own_deed>
    <apology> (for|about) the ..3 i <own_act>
    (responsibility|blame) for ..1 (<own_deed>|<doing>)
    (for|of|about) (not|never)? <doing> ..14 <regret>
    """
)
_DID: Final = patterns(
    "(unkind|wrong|unfair|mean|rude|selfish|cruel|thoughtless|stupid|silly|harsh|careless|childish|petty|inconsiderate|disrespectful|out of order|out of line) (of|from) me (to|when|that|not to) ..8",
    "i (have|had|did|do)* (never|not|forgot to|failed to|neglected to|omitted to|did not even) (even|once|really|ever|properly|actually|so much as|bother to|think to|remember to|manage to)* <left_undone> ..8",
    "it was (unkind|wrong|unfair|mean|rude|selfish|cruel|thoughtless|stupid|childish|not right|not fair|not okay|not ok) (that i|to|when i|how i|the way i) ..8",
    "i (have|had|also|then|just|even|did|really|did not|could have|should have|should not have|had not|was the one who|not|again|simply|completely|never|always|went and|,)* <own_act>",
    "i (was|got) (late|rude|short|snappy|harsh|unfair|cold|impatient|unkind|mean|dismissive|sarcastic|nasty|cruel|texting|drunk|jealous|gruff|on my phone|not there|selfish|shouting|defensive|distracted|wrong to|wrong when|wrong not|out of line|out of order|unfair to) ..4",
    "(snapping|shouting|lying|forgetting|yelling|hiding|leaving|telling|reading|ignoring|laughing|calling|breaking|slamming|missing|drinking|walking) ..8 (was|is) ..2 (wrong|unfair|unkind|my fault|on me|cruel|mean|not fair|not okay|not ok|not right|my mistake|hurtful)",
    "my ..4 (<own_deed>) ..4 (was|is|were)",
)
_AT_A_LOSS: Final = patterns(
    "not (know|have) (what|how|where|why|when|which|the words|words|any words|a clue|if|whether|anything) ..3",
    "not (find|want|expect|understand|deserve) (the words|the right words|to lose|to hurt you|you to|this|your) ..3",
)
"""What follows "I do" or "I did" where nothing was done: "I don't know what to say"."""
_REGRET: Final = patterns("<regret>")
_VAGUE: Final = patterns(
    """
    <apology> (for|about) (all|everything|anything|it all|the past|being me|being myself|what happened|the pain|the hurt|being a|being such|being a bad|all the|any|how things|the way things|the way i am|who i am|my mistakes|not being|being a|being such a|being this|being so difficult|not being enough|not being better|not being a|whatever) (i|that|i have|have)* (done|did|have done|wrong|husband|wife|partner|father|mother|burden|mess|idiot|disappointment|failure|caused|made)* ..2 $
    <apology> (that|,)? (i)? (can not|could not|have to|will|will not|need|am not|do not know|do not understand|do not think|do not feel|do not want|do not have|do not like|am so|am such|am like|am this|feel|hope|may|might|want|would|am a|cannot|know|understand|think|must|love|wish) ..6
    """
)


def finds(found: Sequence[Sentence], *, conditional: bool) -> Iterator[Find]:
    """Yield an apology that is taken back, or one that is owned; not both."""
    cancelled = _cancelled(found)
    if cancelled is not None:
        yield cancelled
    elif not conditional:
        owned = _owned(found)
        if owned is not None:
            yield owned


def _cancelled(found: Sequence[Sentence]) -> Find | None:
    """Return where an apology is taken back, in its own sentence or at the beginning of the next."""
    for index, each in enumerate(found):
        first = _taken_back_first(each)
        if first is not None:
            return first
        sorry = next(_SORRY.matches(each), None)
        if sorry is None or _is_future(each):
            continue
        for match in _CONTRAST.matches(each):
            if match.start() > sorry.start() and not _owns(each, found):
                return _find(each, match.start(), match.end(), Code.BUT_APOLOGY)
        if index + 1 < len(found) and not _owns(found[index + 1], found):
            begun = next(_BLAMING_FIRST.matches(found[index + 1]), None)
            if begun is not None:
                return _find(found[index + 1], begun.start(), begun.end(), Code.BUT_APOLOGY)
    return None


def _taken_back_first(sentence: Sentence) -> Find | None:
    """Return where the "although" stands before the apology: "although I'm sorry for that, anyone would have"."""
    if _OWNS_IT_ALL.fits(sentence):
        return None
    for looked_for in (_SORRY_FIRST, _BLAMED_FIRST):
        match = next(looked_for.matches(sentence), None)
        if match is not None:
            return _find(sentence, match.start(), match.end(), Code.BUT_APOLOGY)
    return None


def _owns(sentence: Sentence, found: Sequence[Sentence]) -> bool:
    if _DENIES.fits(sentence):
        return False
    return _NOT_CANCELLING.fits(sentence) or any(_OWNING_AFTER.fits(each) for each in found)


def _is_sympathy(sentence: Sentence) -> bool:
    """Say whether an apology is for what befell the other, not for what the writer did."""
    return _SORRY_FOR_YOU.fits(sentence) and sentence.bag.isdisjoint({"because", "when", "after"})


def _is_future(sentence: Sentence) -> bool:
    return _NOT_YET.fits(sentence) and not _SORRY_NOW.fits(sentence) and not _SAID_SO.fits(sentence)


def _owned(found: Sequence[Sentence]) -> Find | None:
    """Return where the writer names an act with regret, in one sentence or in two."""
    for each in found:
        if _is_future(each) or _VAGUE.fits(each):
            continue
        act = next(_ACT.matches(each), None)
        if act is not None:
            return _find(each, act.start(), act.end(), Code.OWNED_APOLOGY)
    regrets = any(_REGRET.fits(each) and not _is_future(each) and not _is_sympathy(each) for each in found)
    if not regrets:
        return None
    for each in found:
        did = next((one for one in _DID.matches(each) if not _AT_A_LOSS.begins(each.line[one.end() :])), None)
        if did is not None and not _VAGUE.fits(each) and not _is_future(each):
            return _find(each, did.start(), did.end(), Code.OWNED_APOLOGY)
    return None


def _find(sentence: Sentence, begin: int, stop: int, code: Code) -> Find:
    start, end = sentence.span(begin, stop)
    return Find(code, start, end)
