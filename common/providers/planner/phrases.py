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
        if not is_verb(word, words[index - 1].lower()):
            continue
        subject = " ".join(words[:index])
        if index + 1 >= len(words) and word.endswith("s") and word not in _HELPERS and len(words) < 3:
            break  # "dog walks" is as likely a thing
        return clause[:1].upper() + clause[1:].rstrip(" .!?"), subject
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


def task_forms(task: str) -> str:
    """The -ing form of a task's first verb: "make sourdough bread" -> "making sourdough bread"."""
    first, _, rest = task.partition(" ")
    verb = first.lower()
    if verb.endswith("ie"):
        ing = verb[:-2] + "ying"
    elif verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")):
        ing = verb[:-1] + "ing"
    elif re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]", verb) and len(verb) <= 5:
        ing = verb + verb[-1] + "ing"
    else:
        ing = verb + "ing"
    return f"{ing} {rest}".strip()
