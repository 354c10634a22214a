"""What a prompt is about: its intent, its topic and the constraints it names."""

import re
from dataclasses import dataclass, field

from common.domain.condense import condense
from common.domain.keywords import keywords
from common.domain.plan import Lang
from common.domain.text import capitalised
from common.domain.words import word_set
from common.providers.planner.phrases import claim_of, question_topic
from common.providers.planner.signs import Intent, signs

_FORMS = {  # words around the topic that name the form of the text, not its subject
    "en": (
        re.compile(
            r"^(?:the\s+)?(?:(?:brief|short|long|true|full|secret)\s+)?(?:history|story|life|tale)\s+(?:of|behind)\s+",
            re.I,
        ),
        re.compile(
            r"^(?:a|an|the)?\s*(?:\w+\s+)?(?:recipe|poem|song|ode|lesson|guide|introduction|tutorial)\s+(?:for|of|about|on|to|in)\s+",
            re.I,
        ),
        re.compile(r"\s+recipe$", re.I),
        re.compile(
            r"^(?:\w+\s+)?(?:\w+\s+)?(?:tips|ways|reasons|facts|ideas|rules)\s+(?:to|for|about|on|why)\s+", re.I
        ),
    ),
    "fr": (
        re.compile(
            r"^(?:l['’]|la |une )?(?:brève |petite |courte )?"
            r"(?:histoire|recette|leçon|poème|consigne)\s+(?:de |du |des |d['’]|sur )",
            re.I,
        ),
    ),
}
_DENSE = frozenset({"ja", "zh", "ko"})
_TOPIC = 64  # characters of a topic inside a sentence
_COUNT = re.compile(
    r"(?<![\w.,])(\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|deux|trois|quatre|cinq|sept|huit|neuf|dix)\s+"
    r"(?:\w+\s+)?(?:steps?|tips?|ways?|reasons?|facts?|things|ideas?|rules?|lessons?|étapes?|conseils?|astuces?|raisons?|"
    r"façons?|idées?|règles?|pasos|consejos|tipps|schritte|passi|consigli|passos|dicas)\b",
    re.I,
)
_AUDIENCE = re.compile(
    r"\s+(?:for|to|pour|para|für|per)\s+((?:(?:young|small|absolute|complete|curious|jeunes|les)\s+)?(?:kids|children|beginners|"
    r"students|teenagers|adults|seniors|parents|teachers|developers|everyone|tourists|enfants|débutants|élèves|étudiants|"
    r"niños|principiantes|kinder|anfänger|bambini|principianti|crianças|iniciantes))\b",
    re.I,
)
_NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
}  # fmt: skip


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
    who: str = ""  # whom it is for, or whom it congratulates
    count: int = 0
    items: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=())

    def slots(self) -> dict[str, str]:
        """The values templates may name; a capital initial for those that start with a capital."""
        named = {
            "topic": self.topic, "title": self.title, "clause": self.clause, "claim": self.claim,
            "question": self.question, "task": self.task, "span": self.span, "who": self.who,
            "count": str(self.count) if self.count else "",
        }  # fmt: skip
        named |= {f"k{index + 1}": word.lower() if word.istitle() else word for index, word in enumerate(self.words)}
        return named | {capitalised(key): capitalised(value) for key, value in named.items()}


def subject_of(prompt: str, lang: Lang) -> Subject:
    """Read a prompt of a line or two. Never fails: what is not understood becomes the topic as it stands."""
    text = " ".join(prompt.split()).strip().strip('"“”«»')
    text = re.sub(r"^(?:#+|[-*>•])\s+", "", text)
    intent = _intent(text, lang)
    body, items = _with_items(text)
    body, who, span = _stripped(body, lang)
    count = _count(body)
    core = body.strip(" .!,;:-–—…") or text
    question = capitalised(body) if body.rstrip().endswith(("?", "？")) else ""
    clause = claim = task = ""
    topic = core
    if lang == "en":
        clause, claim, task, question, topic = _english(core, question)
        if (clause or question) and intent == "topic":
            intent = "explain"
        if task and intent == "topic":
            intent = "howto"
    topic = _bare_topic(topic, lang) or core
    limit = _TOPIC // 2 if lang in _DENSE else _TOPIC
    short = topic if len(topic) <= limit else _mid(condense(topic, _TOPIC), topic)
    title = question or capitalised(core)
    return Subject(
        intent=intent,
        topic=short,
        title=condense(title, 60),
        clause=clause if len(clause) <= 90 else "",
        claim=claim if len(claim) <= 90 else "",
        question=question if len(question) <= 90 else "",
        task=task if len(task) <= 60 else "",
        span=span,
        who=who,
        count=count,
        items=tuple(items),
        words=tuple(keywords(f"{core}", lang, 4)),
    )


def _english(core: str, question: str) -> tuple[str, str, str, str, str]:
    """Clause, claim, task, question and topic of an English prompt."""
    if found := re.match(r"(?:how to|ways to|the art of)\s+(.+)$", core, re.I):
        task = found.group(1)
        thing = re.sub(r"^(?:\w+ly\s+)?\w+\s+(?:(?:your|my|our|the|a|an)\s+(?:own\s+)?)?", "", task)
        return "", "", task, "", thing if len(thing) > 2 else task
    if found := re.match(r"(?:what|who)(?:'s| is| are| was| were)\s+(.+)$", core, re.I):
        return "", "", "", capitalised(core) + "?", found.group(1)
    if re.match(
        r"(?:how|why|when|where)\s+(?:do|does|did|is|are|was|were|can|could|should|will|would|have|has)\b", core, re.I
    ):
        return "", "", "", capitalised(core) + "?", question_topic(core)
    if found := re.match(r"(how|why)\s+(.+)$", core, re.I):
        claim, topic = claim_of(found.group(2))
        return f"{found.group(1).lower()} {found.group(2)}", claim, "", question, topic
    claim, topic = claim_of(core)
    return "", claim, "", question, topic if claim else core


def _intent(text: str, lang: Lang) -> Intent:
    for name, pattern in signs(lang).intents:
        if pattern.search(text):
            return name
    return "topic"


def _stripped(text: str, lang: Lang) -> tuple[str, str, str]:
    """The prompt without its instructions; whom it is for; the span of time it names."""
    for pattern in signs(lang).strip:
        shorter = pattern.sub("", text, count=1).strip()
        if len(shorter) >= 2:
            text = shorter
    who = span = ""
    audience = _AUDIENCE.search(text)
    if audience:
        who = audience.group(1)
        text = (text[: audience.start()] + text[audience.end() :]).strip()
    if found := signs(lang).span.search(text):
        span = found.group(1)
    return text, who, span


def _with_items(text: str) -> tuple[str, list[str]]:
    """The prompt's subject and the items it lists after a colon or a dash, if it lists at least two."""
    head, mark, tail = text.partition(":")
    if not mark or len(head) > 90 or head.count(" ") > 14 or tail.startswith("//"):
        head, mark, tail = "", "", text if re.search(r"\d\s?%.*[,;].*\d", text) else ""
    items = [
        re.sub(r"^(?:and|et|y|und|e)\s+", "", piece.strip(), flags=re.I).strip(" .")
        for piece in re.split(r"[;•]\s*|,\s+(?!\d{3})|\.\s+(?=[A-ZÀ-Ý0-9])|\s+(?:and|et|y|und)\s+(?=\d)", tail)
        if piece.strip(" .")
    ]
    if len(items) >= 2:
        return (head or text if mark else ""), items
    return text, []


def _bare_topic(topic: str, lang: Lang) -> str:
    bare = topic.strip(' .!?,;:-–—…"“”').strip()
    for rule in _FORMS.get(lang, ()):
        bare = rule.sub("", bare)
    return _mid(bare, bare)


def _mid(phrase: str, original: str) -> str:
    """A phrase as it stands inside a sentence: a lone initial capital of an article or a common start goes."""
    first = original.split(" ")[0] if original else ""
    if first.lower() in _LOWERABLE or (
        len(original.split()) > 1 and first.istitle() and original.split()[1].islower() and first.lower().endswith("s")
    ):
        return phrase[:1].lower() + phrase[1:]
    return phrase


_LOWERABLE = word_set(
    "the a an our my your this these how why what when where one two three four five every all some new "
    "old safe healthy le la les un une des du de ce cette nos notre mon ma mes el los las una der die das "
    "ein eine il lo gli i o os as um uma"
)


def _count(text: str) -> int:
    found = _COUNT.search(text)
    if not found:
        return 0
    word = found.group(1).lower()
    return int(word) if word.isdigit() else _NUMBER_WORDS.get(word, 0)
