"""Feelings, situations, and accusations that are dressed up as feelings."""

from collections.abc import Iterator, Sequence
from typing import Final

from portal.exercises.coach.codes import Code, Find, Kind
from portal.exercises.coach.patterns import patterns
from portal.exercises.coach.reading import Sentence

_EMOTION: Final = patterns("<emotion>")
_FELT: Final = patterns(
    "(feel|feels|felt|feeling) <felt>* <emotion_felt>",
    "i (am|was) (so|very|really|just|all|often|left|not|a bit|so very|completely)* (alone|lost|low|down|moved|hollow|empty|numb|torn|stuck|broken|crushed|shattered|fragile|stranded|in pieces|at peace|homesick|heartsick)",
    "(makes|made|make|making|left|leaves) me (feel)? (so|very|really|quite|a bit|feeling)* <emotion_felt>",
)
_FAUX_PHRASE: Final = patterns("<faux>")
_NOT_EMOTION: Final = patterns(
    """
    (would|'d) (really|just|also|so|be)* (love|enjoy|hate|be happy|be glad|happy|glad) (it|to|if|us|you|for|a|some|that)
    (happy|glad|pleased|excited|content) to (help|talk|do|take|cook|drive|listen|wait|pick|come|go|stay|discuss|pay|try)
    (i am|i'm) (afraid|sorry|sure) (not|i can not|we can not|so)
    (cross|touched|moved) (the|my|your|over|out|in|off|away|to|into|from|closer) (street|road|line|arm|phone|screen|house|here|of)
    (content|pressure|tired|mad|crazy) (of the|excuse|house)
    (shy away|hurt my back|hurt my knee|hurt my leg|hurt my arm|hurt my foot|hurt my hand|calm down|with love|lots of love|my love|love of|cross the|pain in the)
    (no|without) (regrets|fear|shame)
    in love with
    (to|and|please) (relax|calm|enjoy)
    (need|needs|want|wants|like|love|wish|try|trying|able|ought|deserve|order) (you|us)? to (feel|be) (so|more|really|a bit)* <word>
    you (are|were|seem|seemed|look|looked|got|get) (so|very|always|never|being|just|all|too|really|only|constantly)* (angry|mad|jealous|bored|tired|grumpy|stressed|moody|upset|annoyed|irritated|cross|impatient|suspicious|proud|bitter|foolish|insecure|happy|excited|sad|relaxed|calm|nervous|worried)
    you (love|loved|enjoy|enjoyed|hate|hated|resent|regret|adore|hurt)
    """
)
_TIME: Final = patterns(
    "<time>",
    "(at|around|until|till|by|since|before|after|past) <number>",
    "(at|around|until|till|by|since|before|after|past) (one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)",
)
_CLAUSE: Final = patterns(
    """
    (when|whenever|while|after|before|as soon as|every time|each time|the moment|the minute|until|once|because|since|that|how|if|the way|where) (you|we|i|the|my|your|our|he|she|they|it|nobody|no one|there|someone|everyone|dinner|people|lunch|both|one|another|a|tom|mum|money|plans|guests|voices|we're) ..1 <word>
    as (you|we|i|the|my|your|our|he|she|they|it|nobody|soon as) ..1 <word>
    (after|before|while|when|about|from|by|for|of|at|in) (not|having|being|us|you|me|your|our)* <doing>
    (seeing|hearing|finding|watching|waiting|coming home|waking|sitting|walking|lying|reading|standing|opening) ..8
    """
)
_VAGUE_CLAUSE: Final = patterns(
    """
    (when|whenever|because|that|how|as|while|since|if|where|the way) (i|we|it|this|things|everything|you|our|the) (think|look|am|are|is|was|were|have been|stand|go|seem|get|feel|live|do not know|am not|are not|can not|'s|have become|have|mean|matter|care|love|do not love|do not care|want|need|do not|grew|grow|drift|have drifted|have grown|has become|has changed|changed|have changed|relationship|marriage|way) (about|of|at|like|how|so|with|you|us|me|this|that|not|who|what|where|going|a|the|selfish|lazy|things|apart|too|it|matter|care|love|want|nothing|always|never|never there|everything|each other|way|loved|are|is|between|been|become|together|distant|different|cold|strangers|changed|longer|anymore)* (us|our|it|this|that|like this|things|are|is|selfish|lazy|everything|life|future|marriage|relationship|way|apart|you|me|feel|feeling|why|like this|mess|wrong|changed|anymore|strangers|roommates|different|lost|alone|mean|cruel|cold|care|crazy|impossible|anything|going|love|together|distant|so|matter|unfair|family)* $
    (when|because) (of)? (you|us|this|everything|it) $
    that (is|was|feeling|way|i|you) (all|how|it|am|are|is|was) ..4 $
    """
)
_BEHAVIOUR: Final = patterns(
    "(you|we) (are|were|have been|had been) (always|just|still|not|constantly|never|already|all|both|being)* <doing>",
    "(you|we) (have|had|did|do|could|would|will|can|did not|do not|have not|were not|are not|just|only|then|both|had not|still|suddenly|all|simply|even|never|always|constantly|not|once|hardly|barely|keep|kept|started|just)* <word>",
    "i (have|had|did|just|then|could|only|was|am|not|still|finally|suddenly|also|had not|did not)* <seen_verb>",
)
_EVENT: Final = patterns(
    "(at|on|in|during|after|before|from|to|over|by|outside|around|inside) (the|our|your|my|a|an|that|this|last|her|his|those|these)* ..2 <event>",
    "(about|over|with|by|of|at) (the|your|that|those|these|yesterday's|last|my|tonight's|tomorrow's) <thing>",
    "(by|at|about) (what|something) you (said|did|wrote|told|posted|texted|bought)",
    "(tone|words|message|text|comment|joke|remark|email|note|decision|silence) ..3 (yesterday|last|this|on|at)",
)
_FEEL_YOU: Final = patterns(
    "i (also|just|often|sometimes|really|still|always|do|have|am|truly|honestly|simply|keep|get|got|had|kind of|sort of|only|would|still)* (feel|felt|feeling|feeling feel|the feeling|a feeling|the sense|the impression) (more and more|sometimes|often|really|strongly|a bit|right now|now|today|lately|very much|again|,)* (like|that|as though|as if|as|that when|like when)* (you|your) ..10",
    "(it feels|it felt|feels|felt) (to me)? (like|as though|as if|that) (you|your) ..10",
    "i (also|just|often|sometimes|really|still)* (feel|felt) (like|that|as though|as if) (all|everything|most|nothing|half|everyone|sometimes|lately|nowadays|at times|even) ..3 you ..8",
)
_FEEL_I_TO_YOU: Final = patterns(
    "i (just|often|sometimes|really|always)* (feel|felt) (like|that|as if|as though) i (am|was) (just|only|nothing but|nothing more than|no more than|merely)* (a|an|your|the)? ..2 (to|for) you"
)
_FAUX: Final = patterns(
    "(feel|felt|feeling|feels) (so|very|really|always|often|just|a bit|a little|completely|totally|utterly|quite|rather|deeply|like i am|like i am being|as if i am|being|constantly|more|pretty|somewhat|sad|hurt|angry|lonely|and|sometimes|both|truly|extremely|a lot|kind of|sort of|again|,|anxious|worried|upset|tired|small|ashamed|humiliated|unhappy|alone|scared|as though i am being|like i was being|like i get|that i am being|that i am|that i was|i am being|increasingly)* <faux> ..8",
    "(feel|felt|feeling|feels) ..3 (and|,|or) (so|very|a bit|completely|also|even|really|totally)* <faux> ..8",
    "(makes|made|make) me feel (so|very|really|completely|just|totally)* <faux>",
)
_FAUX_OF_OTHERS: Final = patterns(
    "<faux> (when|by|if|because|whenever|after) <somebody> ..2",
    "<faux> (a lot|so much|again|a bit|badly)? (by|from) (my|the|our|this|a|an|his|her|their|everyone|life|some|him|her|them|other|people|god|fate|myself|society|doctors|colleagues)",
    "<faux> (at|in) (work|school|my job|my team|the meeting|a meeting|the office|my family|the world|my body|my childhood|my first|my old)",
    "(not|never|no longer|do not|less|n't|without) (feel|felt|feeling)? ..3 <faux>",
    "<faux> (as a child|at school|in my family|at work|growing up|by god|back then|in my job|when i was young|when i was a child|when i was little|when i was small)",
    "(my boss|my mother|my father|my colleagues|my team|at work|my ex|my sister|my brother|my parents|as a child|doctor|doctors) ..10 <faux>",
    "(you|he|she|they) (feel|felt|must have felt|may feel|might feel) ..3 <faux>",
)
_PARTNER: Final = frozenset("you your yours we us our".split())
_WELL_MEANT: Final = patterns(
    """
    <good>
    <praise_adverb>
    (perfectly|well|right) $
    (opened up|blossomed|come so far|come a long way|grown so much|grown a lot)
    (really|truly|deeply|do|finally|actually|are)* (see|saw|heard|hear|get|got|want to understand|understood|understand) (me|us|it)
    you (are|were|have been) (a|an|the|my|so|such|really|very|truly|always|trying|working|getting|becoming|doing|on)* (trying|hurting|working|making an effort|doing your best|right|my best|in pain|stressed|tired|under pressure|sad|overwhelmed|struggling|sincere|honest|open|here|happy|beside|worth|gift|strong|close|closer|well|present|ready|with me|there)
    (took|take|have taken|are taking|were taking) (me|us|it|this|what i said|what i say|my ..2|my|worries|work|fears|feelings|health|concerns|problem|side|dream|dreams)* (so|very|really|completely)* (seriously|to heart|on board|side|part)
    (stood|stand|stuck|have stood|stayed) (by|up for|with|beside) (me|us|my)
    (have|had|got|have got) my back
    (are|were) (really|truly|completely|firmly|totally)* (on my side|in my corner|on our side|behind me)
    (believe|believed|trust|trusted|accept|accepted|respect|respected|include|included|chose|value|valued|back|backed) (me|us|my)
    you (made|make|have made|had|have) (a|an|such a|some)* (real|big|huge|lot of|progress|effort|point|rough|hard|long)
    you (could|might|may|must|seem|seemed|look|looked) ..4
    you (would|need|want|could use|could do with) ..3 (like|love|rest|break|hug|time|space|help|sleep|peace|quiet|a day) ..2
    your (love|support|warmth|presence|care|kindness|hand|effort|efforts|pain|strength|sadness|trust|pulse|breath|heart)
    """
)
_OTHERS_FELT: Final = patterns("(you|he|she|they) ..3 (feel|felt|feeling)")
_SAID_OF_SELF: Final = patterns(
    """
    i (still|really|also|just|always|often|now|then|honestly|do|did|suddenly|actually)* (am|was|have been|get|got|become|became|felt|feel|end up|ended up|am feeling|was feeling|grew|grow|had|have|been|did not feel|do not feel|left feeling|came home|lay there|sat there|woke up) <felt>* <emotion>
    (and|but|,|so) (also|then|am|was|felt|feel|still|really|so|very|quite|a bit|a little)* <emotion>
    <emotion> (sat|came|washed|filled|crept|rose|took|grew|overcame|hit|flooded|gripped) ..4
    i ..3 (cry|cried|dread|fear|resent|hate|miss|worry|panicked|love|enjoy|enjoyed|panic|grieve|wept|mourn|hated|dreaded|feared|missed|loved|worried)
    (makes|made|make|making|left|leaves|fills|filled|gives|gave) me (feel|feeling|with)? ..4 <emotion>
    (it|that|this|what you said|which) (really|still|just|also|has|also)* (hurt|hurts|stung|stings|scares|scared|saddens|saddened|frightens|frightened|upsets|upset|worries|worried|annoys|annoyed|frustrates|frustrated|breaks my heart|broke my heart|pains|pained|embarrassed|shocked|stressed) ..3
    my (heart|stomach|chest|throat|hands|body|mood|first feeling|feeling|feelings|voice|knees|eyes) ..4 (<emotion>)
    my ..1 (fear|fears|anger|sadness|worry|worries|grief|anxiety|frustration|disappointment|shame|loneliness|jealousy|hurt|pain|guilt|joy|relief)
    (hurt|scared|saddened|frightened|upset|worried|annoyed|disappointed|embarrassed|shocked|frustrated|angered|touched|moved) me
    """
)


def feelings(sentence: Sentence) -> tuple[int, int] | None:
    """Return where a sentence names a feeling, if it does."""
    line = sentence
    for match in _FAUX_PHRASE.matches(sentence):
        line = line.masked(line.index_at(match.start() + 1), line.index_at(match.end() - 1) + 1)
    if _NOT_EMOTION.fits(sentence):
        for match in _NOT_EMOTION.matches(sentence):
            first = line.index_at(match.start() + 1)
            line = line.masked(first, line.index_at(match.end() - 1) + 1)
    for words in (_EMOTION, _FELT):
        found = next(words.matches(line), None)
        if found is not None:
            return line.span(found.start(), found.end())
    return None


def is_own_feeling(sentence: Sentence) -> bool:
    """Say whether the writer tells of a feeling of their own."""
    return feelings(sentence) is not None and (
        (_SAID_OF_SELF.fits(sentence) and not sentence.bag.isdisjoint({"i", "me", "my"}))
        or (
            "i" in sentence.bag
            and not sentence.asks
            and _FELT.fits(sentence)
            and not _OTHERS_FELT.fits(sentence)
        )
    )


_ASKS_FOR: Final = patterns(
    "^ (and|so|but|then|please|,)* (could|can|would|will|shall) (you|we|i) ..20",
    "^ (and|so|but|then|,)* please ..20",
)


def has_situation(found: Sequence[Sentence]) -> bool:
    """Say whether any sentence names a time, a place, or something that somebody did."""
    return any(_tells_what_happened(each) for each in found if not _ASKS_FOR.fits(each))


def _tells_what_happened(sentence: Sentence) -> bool:
    if _TIME.fits(sentence):
        return True
    concrete = sentence
    for match in _VAGUE_CLAUSE.matches(sentence):
        concrete = concrete.masked(
            sentence.index_at(match.start() + 1), sentence.index_at(match.end() - 1) + 1
        )
    return _CLAUSE.fits(concrete) or _EVENT.fits(concrete) or _BEHAVIOUR.fits(concrete)


def disguised(found: Sequence[Sentence]) -> Iterator[Find]:
    """Yield "I feel that you…" as a complaint, and words like "attacked" that are put on the partner's doing."""
    partner = any(not each.bag.isdisjoint(_PARTNER) for each in found)
    for each, following in zip(found, (*found[1:], None), strict=True):
        if following is not None and _BETTER_SAID.fits(following) and feelings(following) is not None:
            continue
        for match in _FEEL_I_TO_YOU.matches(each):
            yield _find(each, match.start(), match.end())
        for match in _FEEL_YOU.matches(each):
            if _BOTH_OF_US.fits_in(match.group() + " "):
                continue
            if not _is_well_meant(match.group()):
                yield _find(each, match.start(), match.end())
        if partner and not _FAUX_OF_OTHERS.fits(each):
            for match in _FAUX.matches(each):
                yield _find(each, match.start(), match.end())


_BETTER_SAID: Final = patterns(
    "^ (no|or|well|actually|or rather|rather|i mean|no i mean|that is|or really) ,? ..10"
)
_BOTH_OF_US: Final = patterns(
    "(like|that|as though|as if|felt|feel) you (and|&) (i|me|<word>)", "(like|that|as though|as if) you two"
)


def _is_well_meant(words: str) -> bool:
    line = f"{words} "
    return _WELL_MEANT.fits_in(line) and not _TURNED.fits_in(line)


_TURNED: Final = patterns(
    "against (me|us|my)",
    "(trying|out|determined|working|getting ready) to (set|shut|cut me|get rid|hurt|control|change me|trick|trap|catch me|punish|avoid|provoke|wind|drive|force|replace|test|sabotage|undermine|humiliate|embarrass|annoy|pick|start a|start an|confuse|isolate|manipulate|silence|bully|buy|blame|get me|get back at|get your|take over|take the|take my|keep me|keep secrets|keep things|run my|run the|rush|one - up|steal|break|ruin|spoil|distance|wriggle|guilt|fob|escape|prove|lecture|dominate|put me|push|parent|erase|win every|win the|show me up|have the last)",
    "(trying|out|determined|working) to make (me|us|everyone|my|it|them|him|her|people) (look|jealous|angry|leave|pay|quit|doubt|snap|beg|suffer|think i|hate|my fault|the villain|seem|feel guilty|feel bad|feel small|feel stupid|feel like|feel ashamed|feel crazy|feel worthless)",
    "(not|never|no|without|hardly|only|more|nothing|too|stopped|rather|instead|anyone|everyone|everybody|else|others|least|less)",
)


def _find(sentence: Sentence, begin: int, stop: int) -> Find:
    start, end = sentence.span(begin, stop)
    return Find(Code.DISGUISED_ACCUSATION, start, end)


def statement(found: Sequence[Sentence], kind: Kind, *, has_problem: bool) -> Iterator[Find]:
    """Yield what there is to say of a statement about oneself: what is missing, or that it is clear."""
    if not found or kind not in {Kind.I_STATEMENT, Kind.TURN}:
        return
    felt = next(((each, span) for each in found if (span := feelings(each))), None)
    happened = has_situation(found)
    if kind is Kind.I_STATEMENT and felt is None:
        yield Find(Code.NO_FEELING, found[0].start, found[0].end)
    elif kind is Kind.I_STATEMENT and felt is not None and not happened:
        yield Find(Code.NO_SITUATION, *felt[1])
    if felt is None or not happened or has_problem:
        return
    own = felt[0] if kind is Kind.I_STATEMENT else next((each for each in found if _is_own(each)), None)
    if own is not None:
        yield Find(Code.CLEAR_I_STATEMENT, own.start, own.end)


_OTHER_PURPOSE: Final = patterns(
    "^ you (always|never|have always|have never)",
    "<apology>",
    "(thank|thanks|grateful|thankful|appreciate|appreciated|love|loved|enjoy|enjoyed) ..3 (you|that|how|when|for|it|your|our|the)",
    "(i|we|it|that|this|they|and) (will|would|want to|am going to|are going to) ..2",
    "(want to|going to|afraid that|afraid you|worry that|worried that|if) ..2",
    "(scared|afraid|frightened|terrified|worried|anxious|nervous|dread) (that)? (you|we|i|it) (will|would|might|may|could|are going to) ..2",
)


def _is_own(sentence: Sentence) -> bool:
    """Say whether a sentence of a turn states a feeling, rather than being an apology, thanks or a plan."""
    return is_own_feeling(sentence) and not _OTHER_PURPOSE.fits(sentence)
