"""A little English grammar: enough to find who does what in a topic line."""

import re

from common.domain.words import word_set

_VERBS = word_set(
    "act adapt affect appear arrive ask attract become begin behave bend breathe bring build burn buy "
    "call carry cause change choose clean climb collect come communicate conquer cook cool cope create "
    "cross dance defend develop die dig discover disappear dream drink drive eat evolve explain explore "
    "face fail fall feed feel fight find flow fly follow form freeze gain get give glow go grow guide "
    "happen hear heat heal help hibernate hide hold hunt improve inspire invent jump keep kill know lead "
    "learn leave live look lose love make matter mean measure melt migrate move navigate need pay plan "
    "play pollinate produce protect pull push put reach read remember reproduce rise rule run sail save "
    "say see sell send serve shape share shine sing sink sit sleep smell speak spend spread stand start "
    "stay stop store study support survive swim take talk taste teach tell think travel turn understand "
    "use wait wake walk want wash watch win work write"
)
_PASTS = word_set(
    "became began bent bought broke brought built came caught chose crossed dealt did drank drew drove "
    "ate fell fed felt fought found flew forgot froze gave went grew had heard held hid kept knew led "
    "learnt left lost made meant met paid ran rose said saw sold sent set shook shone sang sank sat slept "
    "spoke spent spread stood stole swam took taught told thought threw understood woke wore won wrote "
    "was were got cut put let beat"
)
_HELPERS = word_set("is are was were has have had can could will would may might must should do does did")
_NOT_VERBS = word_set("red bed seed speed breed need feed weed wed shed united hundred sacred")


def claim_of(clause: str) -> tuple[str, str]:
    """A statement and its subject, from "lighthouses guided ships": ("Lighthouses guided ships", "lighthouses").

    ("", the clause) where no verb is recognised: then nothing is claimed.
    """
    words = clause.split()
    for index in range(1, min(len(words), 8)):
        word = words[index].lower().strip(",.;:")
        if word in ("who", "that", "which", "whose", "where", "when", "if", "because", "while"):
            break
        if not is_verb(word, words[index - 1].lower()):
            continue
        subject = " ".join(words[:index])
        if index + 1 >= len(words) and word.endswith("s") and word not in _HELPERS and len(words) < 3:
            break  # "dog walks" is as likely a thing
        return clause[:1].upper() + clause[1:].rstrip(" .!?"), subject
    if 2 <= len(words) <= 3 and words[0].endswith("s") and not words[0].endswith("ss") and words[1] not in _JOINS:
        return clause[:1].upper() + clause[1:].rstrip(" .!?"), words[0]  # "cats purr"
    return "", clause


def is_verb(word: str, before: str) -> bool:
    """Whether a word after another one most likely is the verb of the clause."""
    if before in (
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "to",
        "for",
        "and",
        "with",
        "by",
        "from",
        "our",
        "your",
        "my",
        "no",
    ):
        return False
    if word in _HELPERS or word in _PASTS:
        return True
    if word.endswith("ed") and len(word) > 4 and word not in _NOT_VERBS:
        return True
    if word in _VERBS:
        return before.endswith("s") or before in ("we", "i", "you", "they", "people", "children", "men", "women")
    single = word.removesuffix("es") if word.removesuffix("es") in _VERBS else word.removesuffix("s")
    return word.endswith("s") and single in _VERBS and not before.endswith("s")


def does(word: str) -> bool:
    """Whether a word alone most likely names an action rather than a thing."""
    return word in _PASTS or word in _HELPERS or (word.endswith("ed") and len(word) > 4 and word not in _NOT_VERBS)


def question_topic(question: str) -> str:
    """The noun phrase an inverted question asks about: "Why is the sky blue?" -> "the sky"."""
    helped = question.lower().split()[1:2] not in (["is"], ["are"], ["was"], ["were"])  # then a plain verb follows
    words = re.sub(r"[?.!]+$", "", question).split()[2:]
    if words and words[0].lower() in ("i", "we", "you", "they", "it"):
        return words[0]
    for index, word in enumerate(words):
        plain = word.lower()
        if (
            index
            and words[index - 1].lower() not in _DETERMINERS
            and ((helped and plain in _VERBS) or plain in _AFTER_SUBJECT)
        ):
            return " ".join(words[:index] if (helped and plain in _VERBS) or index < 2 else words[: index - 1] or words)
    return " ".join(words[:-1]) if len(words) > 1 else " ".join(words) or question


def indirect(question: str) -> str:
    """A question as part of a sentence: "Why is the sky blue" -> "why the sky is blue"; "" where that is not clear."""
    word, helper, *_ = question.lower().split()
    if helper == "did":  # the past form of the verb is not ours to guess
        return ""
    named = question_topic(question)
    rest = " ".join(question.split()[2:]).removeprefix(named).strip()
    if not rest:
        return ""
    if helper == "does":
        verb, _, tail = rest.partition(" ")
        ending = "es" if verb.endswith(("s", "x", "ch", "sh", "o")) else "s"
        return f"{word} {named} {verb}{ending} {tail}".strip()
    return f"{word} {named} {rest}" if helper == "do" else f"{word} {named} {helper} {rest}"


_DETERMINERS = word_set("the a an our my your this these some most")
_AFTER_SUBJECT = word_set(
    "so very such important for in on at to from with by when if after before during because than"
)


def is_mass(noun: str) -> bool:
    """Whether a noun stands without an article and is no name: "gravity", "coffee"."""
    return noun.lower() in _MASS or noun.lower().endswith(_MASS_ENDINGS)


def generic(noun: str) -> str:
    """A single noun as a subject of its own: "lighthouse" -> "the lighthouse", "coffee" and "ships" as they are."""
    if noun.endswith("s") or is_mass(noun):
        return noun
    return f"the {noun}"


def _thing(task: str) -> str:
    """What a task is done to: "train a puppy to sit" -> "a puppy"."""
    thing = re.sub(r"^(?:\w+ly\s+)?\w+\s+(?:(?:your|my|our)\s+(?:own\s+)?)?", "", task)
    thing = re.split(r"\s+to\s+", thing, maxsplit=1)[0]
    return thing if len(thing) > 2 else task


def with_article(phrase: str) -> str:
    """A phrase with the article that sentences need: "benefits of walking" -> "the benefits of walking"."""
    words = phrase.split()
    if len(words) == 1 and phrase.lower() in _EVENTS:
        return f"the {phrase.lower()}"
    if len(words) < 2 or words[0].lower() in _DETERMINERS or not words[0][0].isalpha():
        return phrase
    counted = words[0].islower() and words[1] == "of" and words[0].endswith(("s", "er", "y", "e"))
    happening = any(word in _EVENTS for word in words)
    return f"the {phrase}" if counted or happening else phrase


_JOINS = word_set("and or of for in on at with to from by vs")
_EVENTS = word_set(
    "gala ceremony final outage exhibition opening celebration sale forecast",
    "party meeting event match festival workshop fair concert wedding conference marathon",
)


def read_core(core: str, topic: str) -> tuple[str, str, str, str, str]:
    """Clause, claim, task, question and topic of an English prompt without its instruction; "" for what it is not."""
    if found := re.match(r"(?:how to|ways to|the art of)\s+(.+)$", core, re.I):
        task = re.sub(r"\s+in\s+\w+\s+(?:\w+\s+)?steps$", "", found.group(1), flags=re.I)
        return "", "", task, "", _thing(task)
    ask = core.rstrip("? ")
    if found := re.match(r"how\s+(?:do|can|should|could)\s+(?:i|you|we|one)\s+(.+)$", ask, re.I):
        task = re.sub(r"\bmy\b", "your", found.group(1))
        return "", "", task, ask[:1].upper() + ask[1:] + "?", _thing(task)
    if found := re.match(r"(?:what|who)(?:'s| is| are| was| were)\s+(.+)$", ask, re.I):
        named = re.split(r"\s+and\s+(?=(?:how|why|what|where|when)\b)", found.group(1))[0]
        return "", "", "", ask[:1].upper() + ask[1:] + "?", named
    if re.match(r"what\s+\w+\s", ask, re.I):
        return ask[:1].lower() + ask[1:], "", "", ask[:1].upper() + ask[1:] + "?", ask
    if core.endswith("?") and re.match(r"(?:can|could|do|does|did|is|are|was|were|will|would|should)\s", ask, re.I):
        return indirect(f"whether {ask}"), "", "", ask[:1].upper() + ask[1:] + "?", question_topic(f"whether {ask}")
    if re.match(
        r"(?:how|why|when|where)\s+(?:do|does|did|is|are|was|were|can|could|should|will|would|have|has)\b", ask, re.I
    ):
        return indirect(ask), "", "", ask[:1].upper() + ask[1:] + "?", question_topic(ask)
    if found := re.match(r"(how|why)\s+(.+)$", ask, re.I):
        claim, named = claim_of(found.group(2))
        return f"{found.group(1).lower()} {found.group(2)}", claim, "", "", named
    if found := re.match(r"(?:\w+\s+){0,3}?(?:ways|tips|tricks|ideas|reasons|habits|hacks)\s+to\s+(.+)$", core, re.I):
        return "", "", found.group(1), "", topic
    if core != topic:
        return "", "", "", "", topic
    claim, named = claim_of(core)
    if named.lower() in ("we", "i", "you", "they", "it"):
        rest = re.sub(r"^\w+\s+(?:\w+\s+)??(?:\w+ing\s+)?(?=(?:a|an|the|our|new)\b)", "", core, flags=re.I)
        return "", claim, "", "", rest
    return "", claim, "", "", named if claim else core


_MASS = word_set(
    "coffee tea water bread music art love time rain snow wind energy gold silver sleep sugar chocolate salt cheese",
    "milk honey light sound money space gravity electricity nature silence history food air fire ice glass paper",
    "wood steel rice wine beer health work peace yoga football soccer basketball tennis rugby golf chess democracy",
    "astronomy blockchain bitcoin success failure life happiness hope courage friendship leadership",
)
_MASS_ENDINGS = ("sis", "tion", "ness", "ity", "ism", "ics", "ing", "ence", "ance", "ology", "graphy", "ture", "ship")
