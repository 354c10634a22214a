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
        if word in ("who", "that", "which", "whose", "where"):
            break
        if not is_verb(word, words[index - 1].lower()):
            continue
        subject = " ".join(words[:index])
        if index + 1 >= len(words) and word.endswith("s") and word not in _HELPERS and len(words) < 3:
            break  # "dog walks" is as likely a thing
        return clause[:1].upper() + clause[1:].rstrip(" .!?"), subject
    if len(words) >= 2 and words[0].endswith("s") and not words[0].endswith("ss") and len(words) <= 3:
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
    words = re.sub(r"[?.!]+$", "", question).split()[2:]
    if not words:
        return question
    taken = [words[0]]
    determined = words[0].lower() in ("the", "a", "an", "our", "my", "your", "this", "these", "some", "most")
    for word in words[1:]:
        plain = word.lower()
        if len(taken) > (1 if determined else 0) and (
            plain in _VERBS or plain in _HELPERS or plain.endswith(("ed", "ing"))
        ):
            break
        if len(taken) >= (2 if determined else 1) and not _modifies(taken[-1]):
            break
        taken.append(word)
    return " ".join(taken)


def _modifies(word: str) -> bool:
    return word.lower().endswith(
        ("al", "ar", "ic", "ive", "ous", "ary", "less", "ful", "ern", "black", "white", "red", "big")
    )


def generic(noun: str) -> str:
    """A single noun as a subject of its own: "lighthouse" -> "the lighthouse", "coffee" and "ships" as they are."""
    if noun.endswith("s") or noun in _MASS or noun.endswith(_MASS_ENDINGS):
        return noun
    return f"the {noun}"


def read_core(core: str, topic: str) -> tuple[str, str, str, str, str]:
    """Clause, claim, task, question and topic of an English prompt without its instruction; "" for what it is not."""
    if found := re.match(r"(?:how to|ways to|the art of)\s+(.+)$", core, re.I):
        task = re.sub(r"\s+in\s+\w+\s+(?:\w+\s+)?steps$", "", found.group(1), flags=re.I)
        thing = re.sub(r"^(?:\w+ly\s+)?\w+\s+(?:(?:your|my|our)\s+(?:own\s+)?)?", "", task)
        return "", "", task, "", thing if len(thing) > 2 else task
    ask = core.rstrip("? ")
    if found := re.match(r"(?:what|who)(?:'s| is| are| was| were)\s+(.+)$", ask, re.I):
        return "", "", "", ask[:1].upper() + ask[1:] + "?", found.group(1)
    if re.match(
        r"(?:how|why|when|where)\s+(?:do|does|did|is|are|was|were|can|could|should|will|would|have|has)\b", ask, re.I
    ):
        return "", "", "", ask[:1].upper() + ask[1:] + "?", question_topic(ask)
    if found := re.match(r"(how|why)\s+(.+)$", ask, re.I):
        claim, named = claim_of(found.group(2))
        return f"{found.group(1).lower()} {found.group(2)}", claim, "", "", named
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
    "wood steel rice wine beer health work peace",
)
_MASS_ENDINGS = ("sis", "tion", "ness", "ity", "ism", "ics", "ing", "ence", "ance", "ology", "graphy", "ture", "ship")
