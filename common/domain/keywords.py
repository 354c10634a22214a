"""The words a text is about: what a picture of it could show, and what a video about it must mention."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from common.domain.syllables import is_dense

_STOP: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        lang: frozenset(words.split())
        for lang, words in {
            "en": (
                "a an the and or but nor so yet if then than as at by for from in into of off on onto out over "
                "per since to up with without within is are was were be been being am do does did done doing have "
                "has had having can could may might must shall should will would not no yes it its this that "
                "these those there here he she they them their his her him we us our you your i me my mine who "
                "whom whose which what when where why how all any both each few more most other some such only "
                "own same too very just about above after again against before below between during through under "
                "until while also because ever every get gets got go goes going make makes made making take takes "
                "let lets like one two three first second new many much still even now today say says said "
                "explain show tell video make create way ways thing things look come comes us's it's don't one's "
                "another around"
            ),
            "fr": (
                "un une des le la les l' d' du de et ou mais donc or ni car si que qui quoi dont où au aux à en "
                "dans par pour sur sous avec sans vers chez entre est sont était étaient être été avoir a ont "
                "avait avez avons ne pas plus moins très ce cet cette ces c' s' se sa son ses leur leurs notre "
                "nos votre vos mon ma mes ton ta tes il elle ils elles on nous vous je tu me te lui y comme tout "
                "tous toute toutes aussi alors quand comment pourquoi bien fait faire peut même autre autres "
                "chaque cela ça vidéo explique montre après avant deux trois cas jamais toujours lors pendant "
                "depuis ici"
            ),
            "es": (
                "un una unos unas el la los las de del y o pero si que en a al por para con sin sobre entre es "
                "son era eran ser estar está están fue no más menos muy se su sus lo le les este esta estos estas "
                "como cuando cómo qué quién todo todos toda cada también ya nos nuestro vídeo haz crea ha han hay"
            ),
            "de": (
                "ein eine einer eines einem einen der die das des dem den und oder aber wenn dass in im an am auf "
                "aus bei mit nach von vom zu zum zur über unter für ohne ist sind war waren sein haben hat hatte "
                "nicht kein keine mehr sehr sich es er sie wir ihr ihre sein seine wie was wer warum wo jede "
                "jeder jedes auch nur noch als so video erkläre erstelle man wird werden"
            ),
            "it": (
                "un una uno il lo la i gli le di del della dei delle e o ma se che in a al alla da dal per con "
                "senza su tra fra è sono era erano essere non più meno molto si suo sua loro come quando perché "
                "cosa chi ogni anche già questo questa video crea fai ha hanno nel nella"
            ),
            "pt": (
                "um uma uns umas o a os as de do da dos das e ou mas se que em no na nos nas por para com sem "
                "sobre entre é são era eram ser está não mais menos muito seu sua seus suas como quando porque "
                "quem cada também já este esta vídeo crie faça ao aos à tem têm"
            ),
        }.items()
    }
)
_WORD = re.compile(r"[^\W\d_](?:[^\W_]|['’-](?=[^\W\d_]))*")
_ELISION = re.compile(r"^(?:l|d|j|m|t|s|c|n|qu|dell|all|nell|un)['’]", re.I)
_DENSE_RUN = re.compile(r"[\u30a0-\u30ff]{2,}|[\u3400-\u9fff]{2,}|[\uac00-\ud7a3]{2,}|[\u3400-\u9fff]")
_KO_PARTICLE = re.compile(r"(?:에서|으로|까지|부터|에게|은|는|이|가|을|를|의|에|로|와|과|도)$")


def content_words(text: str, lang: str) -> list[str]:
    """The words that carry meaning, in order and as written, stop words and articles gone."""
    stop = _STOP.get(lang, frozenset()) if lang in _STOP else frozenset()
    found: list[str] = []
    for run in _DENSE_RUN.findall(text):
        found.append(_KO_PARTICLE.sub("", run) if lang == "ko" and len(run) > 2 else run)
    for word in _WORD.findall(text):
        bare = _ELISION.sub("", word) if lang in ("fr", "it") else word
        if any(is_dense(letter) for letter in bare) or len(bare) < 2 or bare.lower() in stop:
            continue
        found.append(bare)
    return found


def keywords(text: str, lang: str, most: int = 4) -> list[str]:
    """Up to `most` distinct content words: repeated and longer ones first, ties in order of appearance."""
    words = content_words(text, lang)
    count = Counter(stem(word) for word in words)
    first: dict[str, tuple[int, str]] = {}
    for index, word in enumerate(words):
        first.setdefault(stem(word), (index, word))
    order = sorted(first, key=lambda key: (-count[key] * (2 + min(len(key), 10) / 5), first[key][0]))
    return [first[key][1] for key in sorted(order[:most], key=lambda key: first[key][0])]


def stem(word: str) -> str:
    """A crude common form, so that "lighthouse" meets "Lighthouses": lower case, no accents, no plural ending."""
    plain = unicodedata.normalize("NFD", word.lower().replace("’", "'").removesuffix("'s"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if len(plain) > 4 and plain.endswith("ies"):
        return plain[:-3] + "y"
    if len(plain) > 3 and plain.endswith(("s", "x")) and not plain.endswith("ss"):
        plain = plain[:-1]
    return plain.rstrip("e") if len(plain) > 4 else plain
