"""What a prompt is about: its intent, its topic and the constraints it names."""

import re
from dataclasses import dataclass

from common.domain.condense import condense
from common.domain.keywords import content_words, keywords, stem
from common.domain.plan import Lang
from common.domain.text import capitalised, sentences
from common.providers.planner.book import known_words
from common.providers.planner.cleaning import adjectival, labelled, quoted, typed
from common.providers.planner.phrases import claim_of, does, generic, is_mass, read_core, with_article
from common.providers.planner.signs import Intent, signs
from common.providers.planner.wording import (
    FORM_WORDS,
    LOWERABLE,
    PARTY,
    bare,
    count_of,
    greeting_of,
    items_of,
    name_of,
    sides_of,
    steps_of,
    who_of,
)

_DENSE = frozenset({"ja", "zh", "ko"})
_SPOKEN = 40  # from here a topic is clumsy in every sentence
_TOPIC = 64  # characters of a topic inside a sentence
_LONGEST_CLAUSE = 90


@dataclass(frozen=True)
class Subject:
    """A prompt, understood. Empty text where the prompt names no such thing."""

    intent: Intent
    topic: str  # a noun phrase as it stands inside a sentence, where `named` holds
    title: str
    named: bool = True  # whether the topic names a thing that sentences can speak of
    clause: str = ""  # "how lighthouses guided ships"
    claim: str = ""  # "Lighthouses guided ships"
    question: str = ""  # "Why is the sky blue?"
    task: str = ""  # "make sourdough bread"
    span: str = ""  # "two thousand years"
    case: str = ""  # "in case of fire"
    who: str = ""  # whom it is for, or whom it congratulates
    greeting: str = ""  # "happy birthday"
    name: str = ""  # of a product: "Nimbus"
    what: str = ""  # and what it is: "a coffee mug that keeps drinks warm"
    side: str = ""  # of a comparison, and
    other: str = ""  # its other side
    count: int = 0
    escape: bool = False  # a danger one leaves the place for
    more: tuple[str, ...] = ()  # what a prompt of several sentences says after the first
    items: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def slots(self) -> dict[str, str]:
        """The values templates may name, known ones only; {Topic} is {topic} with a capital, and so for all."""
        named = {
            "topic": self.topic if self.named else "", "title": self.title, "clause": self.clause, "claim": self.claim,
            "question": self.question, "task": self.task, "span": self.span, "who": self.who, "case": self.case,
            "greeting": self.greeting, "name": self.name, "what": self.what, "side": self.side, "other": self.other,
            "count": str(self.count) if self.count else "",
            "hero": self.hero(),
            "opening": "yes" if re.search(r"\bopen", self.title, re.I) else "",
            "long": self.title if self.named and not self.name and len(self.title) > len(self.topic) + 11 else "",
            "rule": "" if self.named else self.title[:1].lower() + self.title[1:],
            "place": self.topic if self.intent == "travel" and self.topic[:1].isupper() else "",
            "escape": "yes" if self.escape else "",
            "party": self.greeting if PARTY.search(self.greeting) else "",
        }  # fmt: skip
        named |= {capitalised(key): capitalised(value) for key, value in named.items()}
        return {key: value for key, value in named.items() if value}

    def hero(self) -> str:
        """Who a story is about, named the second time: "a fox who wanted to fly" -> "the fox"."""
        found = re.match(r"(?:an?|one)\s+(.+)$", self.topic)
        who = (
            re.split(
                r"\s+(?:who|that|which|afraid|lost|\w+ing|in|on|from|with|without|and|of|named|called)\b|,",
                found.group(1),
            )[0]
            if found
            else ""
        )
        return f"the {who}" if who else ""

    def stems(self, lang: Lang) -> frozenset[str]:
        """The stems of the prompt's own content words."""
        named = (
            self.topic,
            self.title,
            self.name,
            self.what,
            self.who,
            self.side,
            self.other,
            self.task,
            self.greeting,
        )
        own = (*named, *self.more, *self.items, *self.steps)
        return frozenset(stem(word) for text in own for word in content_words(text, lang))


def subject_of(prompt: str, lang: Lang) -> Subject:
    """Read a prompt of a line or two. Never fails: what is not understood becomes the topic as it stands."""
    text = typed(prompt)
    if not any(letter.isalnum() for letter in text):
        return Subject(intent="wordless", topic=text[:24], title=condense(text, 24))
    label, body = labelled(text, lang)
    body = _stripped(body, lang)
    again, body = labelled(body, lang)
    intent = label or again or ("motivate" if quoted(prompt) else _intent(text, lang))
    body = _tasked(body) if lang == "en" else body
    body, steps = steps_of(body)
    head, items = items_of(body)
    if intent == "statistics" and not head:
        head = signs(lang).numbers
    body, who = who_of(head or body)
    first, more = _told(body, lang) if not items else (body, ())
    core = first.strip(" .!,;:-–—…") or text
    core = re.sub(r"^my\b", "our", core, flags=re.I) if intent == "company" else core
    main = re.sub(r"\s*\([^)]*\)", "", core).strip() or core  # asides are shown, never spoken of
    greeting, receiver = greeting_of(core) if intent == "celebrate" else ("", "")
    receiver = (
        "" if re.match(r"(?:all|our|the|every\w*|from)\b", receiver) else receiver
    )  # those are thanked, not addressed
    name, what = name_of(main) if intent in ("launch", "announce", "topic", "company") else ("", "")
    if not name:
        main = re.split(r"\s?[:：]\s", main, maxsplit=1)[0] or main
    side, other = sides_of(main.rstrip("? ")) if intent == "compare" else ("", "")
    topic = bare(main, lang)
    clause = claim = task = ""
    question = capitalised(core).rstrip("?？ ") + core[-1] if core.endswith(("?", "？")) else ""
    said_of = _about(main, lang)
    if lang == "en" and not (greeting or name or side):
        clause, claim, task, asked, topic = read_core(main, topic)
        question = question or asked
        if intent == "topic" or (intent in ("explain", "lesson") and task):
            intent = "howto" if task else "explain" if clause or question else "topic"
    elif name:
        topic = name
    topic = _inside(bare(said_of or topic, lang) or main, lang)
    topic = with_article(_shorter(topic)) if lang == "en" else topic
    if len(topic) > (_TOPIC // 2 if lang in _DENSE else _TOPIC):
        topic = _inside(condense(topic, _TOPIC), lang)
    titled = question or capitalised(topic if intent == "story" and core == main else core)
    return Subject(
        intent=intent,
        topic=topic,
        named=bool(name or said_of)
        or (_names_a_thing(topic, lang) and topic != task and intent != "celebrate" and not quoted(prompt)),
        title=_spaced(condense(titled, 60), lang),
        clause=clause if len(clause) <= _LONGEST_CLAUSE else "",
        claim=claim if len(claim) <= _LONGEST_CLAUSE else "",
        question=_spaced(question, lang) if len(question) <= _LONGEST_CLAUSE else "",
        task=task if len(task) <= 60 else "",
        span=_first(signs(lang).span, body),
        case=_first(signs(lang).case, body),
        who=receiver or who,
        greeting=greeting,
        name=name,
        what=what,
        side=_inside(side, lang),
        other=_inside(other, lang),
        count=count_of(body),
        escape=bool(signs(lang).escape.search(text)),
        more=more,
        items=tuple(items),
        steps=tuple(steps),
        words=_things(f"{core} {' '.join(items)}", lang),
    )


def _shorter(topic: str) -> str:
    """A long topic without what is added to its noun: "our inventory software for small shops in towns"."""
    if len(topic) <= _SPOKEN:
        return topic
    parts = re.split(r"\s+(?=(?:that|which|who|when|for|in|on|at|with|to|from|about|because|and)\s)", topic)
    while len(parts) > 1 and len(" ".join(parts)) > _SPOKEN:
        parts.pop()
    return " ".join(parts)


def _told(body: str, lang: Lang) -> tuple[str, tuple[str, ...]]:
    """The first sentence of a prompt, which it is about, and the others, which the video says as they are."""
    first, *more = sentences(body) or [body]
    return first, tuple(sentence for sentence in more if len(content_words(sentence, lang)) > 1)


def _tasked(body: str) -> str:
    """A bare infinitive as the instruction it stands for: "to brush their teeth" -> "how to brush your teeth"."""
    found = re.match(r"to\s+(?=[a-z]+\b)", body, re.I)
    return "How to " + re.sub(r"\b(?:their|my)\b", "your", body[found.end() :]) if found else body


def _about(main: str, lang: Lang) -> str:
    """What a sentence or a question is about, where its form tells."""
    found = (pattern.search(main) for pattern in signs(lang).about)
    return next((match.group(1).strip() for match in found if match), "")


def _names_a_thing(topic: str, lang: Lang) -> bool:
    """Whether a topic can stand inside a sentence: neither a sentence nor an instruction of its own."""
    return not signs(lang).unnamed.search(topic) and (lang != "en" or not claim_of(topic)[0])


def _spaced(text: str, lang: Lang) -> str:
    return re.sub(r"(?<=\w)([?!])", r" \1", text) if lang == "fr" else text


def _first(pattern: re.Pattern[str], text: str) -> str:
    return found.group(1) if (found := pattern.search(text)) else ""


def about(prompt: str, lang: Lang) -> str:
    """What a prompt is about, in its own words: without the instruction to make a video, without its audience."""
    return who_of(_stripped(labelled(typed(prompt), lang)[1], lang))[0]


def _intent(text: str, lang: Lang) -> Intent:
    return next((name for name, pattern in signs(lang).intents if pattern.search(text)), "topic")


def _stripped(text: str, lang: Lang) -> str:
    """The prompt without its instructions."""
    for pattern in signs(lang).strip:
        shorter = pattern.sub("", text, count=1).strip(" ,")
        if len(shorter) >= 2 and any(letter.isalnum() for letter in shorter):
            text = shorter
    return text


def _inside(phrase: str, lang: Lang) -> str:
    """A phrase as it stands inside a sentence: names keep their capital, common words lose it."""
    first, _, rest = phrase.partition(" ")
    if phrase == "I":
        return phrase
    if not first[:1].isupper() or (len(first) > 1 and first.isupper()):
        return generic(phrase) if lang == "en" and not rest and stem(phrase) in known_words(lang) else phrase
    if lang == "en" and not rest and is_mass(first):
        return first.lower()
    if (
        first.lower() in LOWERABLE
        or (lang == "en" and adjectival(phrase))
        or (lang != "de" and stem(first) in known_words(lang))
    ):
        phrase = first.lower() + (" " + rest if rest else "")
        return generic(phrase) if lang == "en" and not rest else phrase
    return phrase


def _things(text: str, lang: Lang) -> tuple[str, ...]:
    """Up to four words of the prompt that name things: neither what is done nor the form of the text."""
    named = [word for word in keywords(text, lang, 9) if word.lower() not in FORM_WORDS]
    if lang == "en":
        named = [word for word in named if not does(word.lower())] or named
    return tuple(named[:4])
