"""Small readings of a prompt: what it lists, counts, compares, whom it greets, which form of text it names."""

import re

from common.domain.plan import Lang
from common.domain.words import word_set

LOWERABLE = word_set(
    "climate best top remote mental digital global solar renewable electric modern simple easy quick local weather",
    "travel personal public social urban organic daily homemade fresh free great good better more",
    "most space water wedding annual",
    "the a an our my your this these how why what when where one two three four five every all some new old safe",
    "healthy le la les un une des du de ce cette nos notre mon ma mes comment pourquoi quand que el los las",
    "der die das ein eine",
    "il lo gli i o os as um uma",
)
PARTY = re.compile(
    r"birthday|anniversary|anniversaire|cumpleaños|geburtstag|compleanno|aniversário", re.I
)  # with candles
FORM_WORDS = word_set(
    "recipe history story poem haiku tips lesson guide video vs hundred thousand million recette histoire poème",
    "conseils leçon mille cent receta historia rezept geschichte ricetta storia receita história 歴史 历史 역사",
)
_COUNT = re.compile(
    r"(?<![\w.,])(\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|deux|trois|quatre|cinq|sept|huit|neuf|dix)\s+"
    r"(?:\w+\s+)?(?:steps?|tips?|ways?|reasons?|facts?|things|ideas?|rules?|lessons?|étapes?|conseils?|astuces?|"
    r"raisons?|"
    r"façons?|idées?|règles?|pasos|consejos|tipps|schritte|passi|consigli|passos|dicas)\b",
    re.I,
)
_AUDIENCE = re.compile(
    r"\s+(?:for|to|pour|para|für|per)\s+((?:(?:young|small|absolute|complete|curious|jeunes|les)\s+)?(?:kids|"
    r"children|beginners|an? \d+[- ]year[- ]olds?|\d+[- ]year[- ]olds|"
    r"students|teenagers|adults|seniors|parents|teachers|developers|everyone|tourists|enfants|débutants|élèves|"
    r"étudiants|"
    r"niños|principiantes|kinder|anfänger|bambini|principianti|crianças|iniciantes))\b",
    re.I,
)
_NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
}  # fmt: skip
_GREETING = re.compile(
    r"^(?:wish(?:ing)?\s+(?:a\s+)?)?(?:(?P<after>\w+)\s+a\s+)?(?P<greeting>happy (?:\d+\w*\s+)?(?:birthday|anniversary|"
    r"new year|holidays|easter|"
    r"retirement|mother['’]s day|father['’]s day)|congratulations|merry christmas|get well soon|thank you|thanks|"
    r"welcome|"
    r"joyeux anniversaire|bon anniversaire|joyeux noël|bonne année|bonne fête|félicitations|merci|bienvenue|"
    r"feliz cumpleaños|feliz navidad|felicidades|alles gute zum geburtstag|herzlichen glückwunsch|frohe weihnachten|"
    r"buon compleanno|auguri|buon natale|feliz aniversário|parabéns|feliz natal)"
    r"(?:\s*,?\s*(?:(?:to|for|à|aux?|pour|a|an|für|para)\s+)?(?P<who>[^,.!]+))?",
    re.I,
)
# Words around the topic that name the form of the text, not its subject.
_FORMS: dict[str, tuple[re.Pattern[str], ...]] = {
    "en": (
        re.compile(
            r"^(?:(?:the|an?)\s+)?(?:(?:brief|short|long|true|full|secret|quick|complete)\s+)?"
            r"(?:history|story|life|tale|origins?|invention|birth|evolution|rise(?: and fall)?)\s+(?:of|behind)\s+",
            re.I,
        ),
        re.compile(
            r"^(?:(?:a|an|the)\s+)?(?:\w+\s+)?(?:recipe|poem|song|ode|lesson|guide|introduction|tutorial|"
            r"statistics|stats|facts|numbers|demo|presentation|overview|tour)\s+"
            r"(?:for|of|about|on|to|in)\s+",
            re.I,
        ),
        re.compile(r"\s+(?:recipe|vs explained|explained|tutorial|statistics|facts|biography)$", re.I),
        re.compile(
            r"^(?:\w+\s+)?(?:\w+\s+)?(?:tips|ways|reasons|facts|ideas|rules)\s+(?:to|for|about|on|why)\s+", re.I
        ),
        re.compile(r"\s+in\s+\w+\s+(?:\w+\s+)?steps$", re.I),
    ),
    "fr": (
        re.compile(
            r"^(?:l['’]|la |une |le |un )?(?:brève |petite |courte |bonne )?"
            r"(?:histoire|recette|leçon|poème|consigne|guide|chiffres|statistiques)\s+(?:de la |de l['’]|de |du |"
            r"des |d['’]|sur |pour )",
            re.I,
        ),
        re.compile(r"^(?:\w+ )?(?:conseils|astuces|idées|raisons|façons)\s+(?:pour|de|sur)\s+", re.I),
        re.compile(r"\s+en\s+\w+\s+étapes$", re.I),
    ),
    "es": (
        re.compile(r"^(?:la |una )?(?:historia|receta|poema)\s+(?:de la |de los |de las |del |de |sobre )", re.I),
        re.compile(r"^(?:\w+ )?(?:consejos|trucos|ideas)\s+(?:para|de|sobre)\s+", re.I),
    ),
    "de": (re.compile(r"^(?:die |ein )?(?:geschichte|rezept|gedicht)\s+(?:der |des |von |für |über )", re.I),),
    "it": (
        re.compile(r"^(?:la |una )?(?:storia|ricetta|poesia)\s+(?:della |delle |dei |degli |del |di |su )", re.I),
        re.compile(r"^(?:\w+ )?(?:consigli|trucchi|idee)\s+(?:per|su)\s+", re.I),
    ),
    "pt": (
        re.compile(r"^(?:a |uma )?(?:história|receita|poema)\s+(?:da |das |dos |do |de |sobre )", re.I),
        re.compile(r"^(?:\w+ )?(?:dicas|conselhos|ideias)\s+(?:para|de|sobre)\s+", re.I),
    ),
    "ja": (re.compile(r"の(?:歴史|レシピ|作り方|物語)$"),),
    "zh": (re.compile(r"的?(?:历史|做法|故事|食谱)$"),),
    "ko": (re.compile(r"의?\s*(?:역사|이야기|레시피)$"),),
}


# "The history of the bees" in these languages carries the article that the topic alone needs.
_OF = {
    "fr": re.compile(
        r"(?:l['’]|la |une |le |un )?(?:\w+ )?(?:histoire|recette|leçon|poème|chiffres) (du|des|de la|de l['’])\s*",
        re.I,
    ),
    "es": re.compile(r"(?:la |una )?(?:historia|receta) (del|de la|de los|de las)\s+", re.I),
    "it": re.compile(r"(?:la |una )?(?:storia|ricetta) (dello|della|delle|degli|dell['’]|dei|del)\s*", re.I),
    "pt": re.compile(r"(?:a |uma )?(?:história|receita) (do|da|dos|das)\s+", re.I),
    "de": re.compile(r"(?:die |eine )?geschichte (der)\s+", re.I),
}
_ARTICLE = {
    "fr": {"du": "le ", "des": "les ", "de la": "la ", "de l'": "l'", "de l’": "l’"},
    "es": {"del": "el ", "de la": "la ", "de los": "los ", "de las": "las "},
    "it": {
        "del": "il ",
        "dello": "lo ",
        "della": "la ",
        "dei": "i ",
        "degli": "gli ",
        "delle": "le ",
        "dell'": "l'",
        "dell’": "l’",
    },
    "pt": {"do": "o ", "da": "a ", "dos": "os ", "das": "as "},
    "de": {"der": "die "},
}


def bare(topic: str, lang: Lang) -> str:
    """A topic without the words that name the form of the text ("the history of", "recipe", "in 5 steps")."""
    text = topic.strip(' .!?,;:-–—…"“”')
    if lang in _OF and (found := _OF[lang].match(text)):
        return _ARTICLE[lang][found.group(1).lower()] + text[found.end() :]
    for rule in _FORMS.get(lang, ()):
        shorter = rule.sub("", text).strip()
        text = shorter or text
    return text


def items_of(text: str) -> tuple[str, list[str]]:
    """A prompt's head and the items it lists after a colon, or the figures it lists without one.

    (text, []) when it lists nothing; the head is "" when the whole prompt is the list.
    """
    head, mark, tail = text.partition(":")
    if not mark or len(head) > 90 or head.count(" ") > 14 or tail.startswith("//"):
        listed = re.search(r"\d\s?%?[^,;]*[,;]\s.*\d", text) and len(re.findall(r"\d", text)) >= 3
        head, tail = "", text if listed else ""
    items = [
        re.sub(r"^(?:and|et|y|und|e)\s+", "", piece.strip(), flags=re.I).strip(" .")
        for piece in re.split(r"[;•、；]\s*|,\s+|\.\s+(?=[A-ZÀ-Ý0-9])|\s+(?:and|et|y|und)\s+(?=\d)", tail)
        if piece.strip(" .")
    ]
    if len(items) < 2 or (len(items) == 2 and not any(re.search(r"\d", item) for item in items)):
        return text, []
    if not head and sum(1 for item in items if re.search(r"\d|\bin\b", item)) < 2:
        return text, []
    return head.strip(), items


def steps_of(text: str) -> tuple[str, list[str]]:
    """A prompt without its steps, and the steps it lists after "Steps:" or the like."""
    found = _STEPS.search(text)
    if not found:
        return text, []
    steps = [
        piece.strip(" .") for piece in re.split(r"[;,、]\s+|\.\s+|\s+then\s+", text[found.end() :]) if piece.strip(" .")
    ]
    return text[: found.start()].strip(" ."), steps


_STEPS = re.compile(
    r"[.;,]?\s*(?:\bsteps|\bmethod|\binstructions|\bdirections|\bétapes|\bpréparation|\bpasos|\bschritte|\bzubereitung|\bpassi|"
    r"\bpassos|手順|步骤|순서)\s*[:：]\s*",
    re.I,
)


def count_of(text: str) -> int:
    """How many steps, tips or facts a prompt asks for, or 0."""
    found = _COUNT.search(text)
    if not found:
        return 0
    word = found.group(1).lower()
    return int(word) if word.isdigit() else _NUMBER_WORDS.get(word, 0)


def who_of(text: str) -> tuple[str, str]:
    """The prompt without its audience, and the audience ("kids"), "" when it names none."""
    found = _AUDIENCE.search(text)
    if not found:
        return text, ""
    return (text[: found.start()] + text[found.end() :]).strip(), found.group(1)


def greeting_of(text: str) -> tuple[str, str]:
    """The greeting and who receives it: "Happy birthday to Anna" -> ("happy birthday", "Anna")."""
    found = _GREETING.search(text)
    if not found:
        return "", ""
    who = (found.group("who") or found.group("after") or "").strip(' .!?"“”')
    if called := re.search(r",\s+([^\W\d_a-z][^\s,.!]*)[.!]*$", text):  # "Welcome to the team, Maria!"
        who = called.group(1)
    greeting = found.group("greeting")
    return greeting[:1].lower() + greeting[1:], who if len(who) <= 48 and any(
        letter.isalpha() for letter in who
    ) else ""


def name_of(text: str) -> tuple[str, str]:
    """A name and what it is: "Nimbus, a coffee mug that keeps drinks warm" -> both parts; ("", "") otherwise."""
    found = re.match(
        r"^(?i:(?:we are|we['’]re|meet|this is|i am|i['’]m|nous sommes|voici)\s+)?"
        r"(?P<name>[^\W\d_a-z][^,:;–—]{0,30}?)\s?(?:[,:]|\s[–—-])\s+(?P<what>(?:a|an|the|our|your|une?|la|le|notre|"
        r"l['’]|una?|ein|eine|um|uma)\s*.+)$",
        text,
    )
    if not found:  # "our new yoga app ZenFlow"
        found = re.match(
            r"^(?P<what>(?:our|my|the|a|an)\s+(?:(?!in |at |of |for |from |to |near |by )[a-z-]+\s+){1,4})"
            r"(?P<name>[A-Z]\w+)$",
            text,
        )
    return (found.group("name").strip(), found.group("what").strip(" .!")) if found else ("", "")


def sides_of(text: str) -> tuple[str, str]:
    """The two sides of a comparison, ("", "") when they cannot be told."""
    for rule in (
        r"^(?:the\s+)?(?:differences?|comparison|choice)\s+between\s+(.+?)\s+and\s+(.+)$",
        r"^(?:les?\s+|la\s+)?(?:différences?|comparaison|choix)\s+entre\s+(.+?)\s+et\s+(.+)$",
        r"^(?:compar\w+\s+)?(.+?)\s+(?:vs\.?|versus|or|compared (?:to|with)|ou|contre)\s+(.+)$",
        r"^compar\w+\s+(.+?)\s+(?:and|with|to|et|à)\s+(.+)$",
        r"^(.+?)\s+(?:and|et|y|und)\s+(.+)$",
    ):
        if found := re.match(rule, text, re.I):
            left, right = found.group(1).strip(" ,"), found.group(2).strip(" ,.?!")
            if len(left) <= 40 and len(right) <= 48:
                return left, right
    return "", ""
