"""What a prompt is about: its intent, its topic and the constraints it names."""

import re
from dataclasses import dataclass

from common.domain.condense import condense
from common.domain.keywords import keywords, stem
from common.domain.plan import Lang
from common.domain.text import capitalised
from common.providers.planner.book import known_words
from common.providers.planner.phrases import does, generic, read_core
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
_TOPIC = 64  # characters of a topic inside a sentence
_LONGEST_CLAUSE = 90


@dataclass(frozen=True)
class Subject:
    """A prompt, understood. Empty text where the prompt names no such thing."""

    intent: Intent
    topic: str  # a noun phrase as it stands inside a sentence
    title: str
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
    items: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def slots(self) -> dict[str, str]:
        """The values templates may name, known ones only; {Topic} is {topic} with a capital, and so for all."""
        named = {
            "topic": self.topic, "title": self.title, "clause": self.clause, "claim": self.claim,
            "question": self.question, "task": self.task, "span": self.span, "who": self.who, "case": self.case,
            "greeting": self.greeting, "name": self.name, "what": self.what, "side": self.side, "other": self.other,
            "count": str(self.count) if self.count else "",
            "party": self.greeting if PARTY.search(self.greeting) else "",
        }  # fmt: skip
        named |= {f"k{index + 1}": word.lower() if word.istitle() else word for index, word in enumerate(self.words)}
        named |= {capitalised(key): capitalised(value) for key, value in named.items()}
        return {key: value for key, value in named.items() if value}


def subject_of(prompt: str, lang: Lang) -> Subject:
    """Read a prompt of a line or two. Never fails: what is not understood becomes the topic as it stands."""
    text = re.sub(r"^(?:#+|[-*>•])\s+", "", " ".join(prompt.split()).strip('"“”«» '))
    body = _stripped(text, lang)
    intent = _intent(text, lang)
    if not any(letter.isalnum() for letter in text):
        return Subject(intent="wordless", topic=text[:24], title=condense(text, 24))
    body, steps = steps_of(body)
    head, items = items_of(body)
    if intent == "statistics" and not head:
        head = signs(lang).numbers
    body, who = who_of(head or body)
    span = found.group(1) if (found := signs(lang).span.search(body)) else ""
    case = found.group(1) if (found := signs(lang).case.search(body)) else ""
    core = body.strip(" .!,;:-–—…") or text
    greeting, receiver = greeting_of(core) if intent == "celebrate" else ("", "")
    name, what = name_of(core) if intent in ("launch", "announce", "topic") else ("", "")
    side, other = sides_of(core) if intent == "compare" else ("", "")
    topic = bare(core, lang)
    clause = claim = task = ""
    question = capitalised(core).rstrip("?？ ") + core[-1] if core.endswith(("?", "？")) else ""
    if lang == "en" and not (greeting or name or side):
        found_core = read_core(core, topic)
        clause, claim, task, question, topic = found_core
        if intent == "topic":
            intent = "howto" if task else "explain" if clause or question else "topic"
    elif name:
        topic = name
    topic = _inside(bare(topic, lang) or core, lang)
    if len(topic) > (_TOPIC // 2 if lang in _DENSE else _TOPIC):
        topic = _inside(condense(topic, _TOPIC), lang)
    titled = question or capitalised(topic if intent == "story" else core)
    return Subject(
        intent=intent,
        topic=topic,
        title=condense(titled, 60),
        clause=clause if len(clause) <= _LONGEST_CLAUSE else "",
        claim=claim if len(claim) <= _LONGEST_CLAUSE else "",
        question=question if len(question) <= _LONGEST_CLAUSE else "",
        task=task if len(task) <= 60 else "",
        span=span,
        case=case,
        who=receiver or who,
        greeting=greeting,
        name=name,
        what=what,
        side=_inside(side, lang),
        other=_inside(other, lang),
        count=count_of(body),
        items=tuple(items),
        steps=tuple(steps),
        words=_things(f"{core} {' '.join(items)}", lang),
    )


def about(prompt: str, lang: Lang) -> str:
    """What a prompt is about, in its own words: without the instruction to make a video, without its audience."""
    return who_of(_stripped(" ".join(prompt.split()), lang))[0]


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
    if not first[:1].isupper() or (len(first) > 1 and first.isupper()):
        return generic(phrase) if lang == "en" and not rest and stem(phrase) in known_words(lang) else phrase
    if first.lower() in LOWERABLE or (lang != "de" and stem(first) in known_words(lang)):
        phrase = first.lower() + (" " + rest if rest else "")
        return generic(phrase) if lang == "en" and not rest else phrase
    return phrase


def _things(text: str, lang: Lang) -> tuple[str, ...]:
    """Up to four words of the prompt that name things: neither what is done nor the form of the text."""
    named = [word for word in keywords(text, lang, 9) if word.lower() not in FORM_WORDS]
    if lang == "en":
        named = [word for word in named if not does(word.lower())] or named
    return tuple(named[:4])
