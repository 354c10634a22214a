"""What we do not make videos of. Deterministic rules for the clear cases, in English and French.

A rule needs two signs at once (an instruction and a weapon, a minor and a sexual act): a word alone condemns nothing,
so that history, medicine, news and safety advice pass.
"""

import re
import unicodedata
from typing import Literal

from common.domain.model import Model

Category = Literal["", "minors", "weapons", "hate", "self_harm"]


class Verdict(Model):
    """Whether the content may become a video; if not, what was found and what to do."""

    allowed: bool
    category: Category = ""
    reason: str = ""


_MINOR = (
    r"(?:\bchild(?:ren)?|\bkids?|\bminors?|\bunderage\b|\bpre-?teens?|\btoddlers?|\binfants?|\bschool ?(?:girl|"
    r"boy)s?|\blittle (?:girl|boy)s?|"
    r"\b(?:[1-9]|1[0-7])[- ]?(?:years?[- ]old|yo\b|ans\b)|\benfants?|\bmineur(?:e|s|es)?\b|\bfillettes?|"
    r"\bgamine?s?|\badolescente?s?|\bteen(?:age)?[rs]*\b)"
)
_SEXUAL = (
    r"(?:\bsex(?:ual(?:ly|ized|ised)?|y)?\b|\bporn\w*|\berotic\w*|\bnudes?\b|\bnaked\b|\bhaving sex\b|"
    r"\bmasturbat\w*|\bfellat\w*|\borgasm\w*|"
    r"\bsexe\b|\bsexuel\w*|\berotique\w*|\bnue?s?\b|\bseduc\w*|\bseduis\w*)"
)
_PROTECTIVE = (
    r"\b(?:prevent\w*|protect\w*|abuse hotline|against|awareness|educat\w*|report(?:ing)?|stop(?:ping)?|"
    r"survivors?|law|laws|charity|"
    r"helpline|recogni[sz]\w*|signs of|warning signs|support(?:ing)?|prevenir|prevention|protection|proteg\w*|"
    r"contre|signaler|loi|"
    r"sensibilis\w*|reconnaitre|help for|aide|history|histoire|health|sante)\b"
)
_INSTRUCT = (
    r"(?:\bhow (?:to|do (?:i|you)|can (?:i|you)) (?:\w+ )?(?:make|build|assemble|construct|create|synthesi[sz]e|"
    r"prepare|cook|produce|detonate|print|plant|hide)\b|"
    r"\b(?:instructions?|steps?|guide|tutorial|recipe|blueprint) (?:to|for|on) (?:\w+ )?(?:mak\w+|build\w*|"
    r"assembl\w+|construct\w*|synthesi\w+|prepar\w+|a|an)\b|"
    r"\b(?:make|build|assemble|construct) (?:your own |a |an )(?:\w+ )?(?=(?:pipe|nail|car|fertili[sz]er|"
    r"homemade|dirty)? ?bomb(?!s? (?:safe|harmless))|explosive|silencer)|"
    r"\bcomment (?:fabriquer|construire|faire|assembler|preparer|synthetiser)\b|\b(?:fabriquer|construire|"
    r"assembler) (?:une?|des) (?=bombe|explosif|arme)|"
    r"\b(?:instructions|recette|tutoriel|mode d'emploi) (?:pour|de|d'une?) )"
)
_WEAPON = (
    r"(?:\b(?:pipe|nail|car|petrol|fertili[sz]er|homemade|dirty|suicide|time|letter) ?bombs?\b|"
    r"\bbombs?\b(?! calorimeter| cyclone| disposal| shelter|"
    r" squad| detector| threat|s? away)|\bexplosives?\b|\bmolotov\w*|\bgrenades?\b|\blandmines?\b|\bied\b|"
    r"\bnerve (?:gas|agent)|\bsarin\b|\bmustard gas|"
    r"\bchemical weapons?|\bbio(?:logical )?weapons?|\bghost guns?\b|\buntraceable (?:gun|firearm)s?|"
    r"\bsilencers?\b|\bnapalm\b|\bricin\b|"
    r"\bbombes?\b(?! de bain| glacee| calorimetrique| aerosol)|\bexplosifs?\b|\barmes? (?:a feu|chimiques?|"
    r"artisanales?)\b|\bcocktails? molotov)"
)
_HARMLESS = (
    r"\b(?:bath bombs?|cherry bombs?|photo ?bombs?|cocoa bombs?|hot chocolate bombs?|seed bombs?|glitter bombs?|"
    r"bombes? de bain|bombes? a graines)\b"
)
_GROUP = (
    r"(?:\bjews?\b|\bmuslims?\b|\bchristians?\b|\bblacks?\b|\bblack people\b|\bwhite people\b|\barabs?\b|"
    r"\basians?\b|\bimmigrants?\b|\brefugees?\b|"
    r"\bgay(?:s| people)?\b|\blesbians?\b|\btrans(?:gender)? people\b|\bhomosexuals?\b|\broma\b|\bgypsies\b|"
    r"\bdisabled people\b|\bwomen\b|"
    r"\bjuifs?\b|\bjuives?\b|\bmusulman\w*|\bchretien\w*|\bnoirs\b|\barabes?\b|\bimmigres?\b|\bmigrants?\b|"
    r"\brefugies?\b|\bhomosexuels?\b|\broms?\b|\bfemmes\b)"
)
_INCITE = (
    r"(?:\b(?:kill|exterminate|murder|gas|lynch|wipe out|eradicate|burn|shoot|get rid of|deport) (?:all |every |"
    r"the |those |these )+{g}|"
    r"\bdeath to (?:all |the )?{g}|{g} (?:should|must|deserve to|have to|need to) (?:all )?(?:die|be (?:killed|"
    r"exterminated|eliminated|gassed|shot|wiped out))|"
    r"{g} are (?:all )?(?:subhuman|vermin|parasites|animals|cockroaches|a disease)|"
    r"\b(?:tuer|tuez|exterminer|exterminez|eliminer|eliminez|bruler|gazer) (?:tous |toutes )?(?:les )?{g}|"
    r"\bmort aux? {g}|"
    r"{g} (?:doivent|devraient|meritent de) (?:tous |toutes )?(?:mourir|etre (?:tues|extermines|elimines))|"
    r"{g} sont (?:tous )?(?:des )?(?:sous-hommes|parasites|vermine))"
).replace("{g}", _GROUP)
_CONDEMNS = (
    r"\b(?:history|documentary|holocaust|genocide|condemn\w*|denounce\w*|never again|survivors?|memorial|"
    r"histoire|documentaire|genocide|denonc\w*|shoah)\b"
)
_SELF_HARM = (
    r"(?:\b(?:how to|best way to|painless(?:ly)? (?:way to )?|easiest way to|ways to|"
    r"encourage\w* (?:\w+ ){0,3}to|convince (?:\w+ ){0,3}to|tell (?:\w+ ){0,3}to|"
    r"why you should|you should(?: just)?|go|just) (?:kill (?:yourself|yourselves|myself|themsel\w+|himself|"
    r"herself)|commit suicide|cut yourself|hang yourself|end (?:your|my) life|starve yourself)|"
    r"\b(?:promote|glorify|glorifying|celebrate) (?:suicide|self[- ]harm|anorexia)|\bpro[- ]?(?:ana|suicide)\b|"
    r"\bsuicide (?:is the answer|methods?)\b|"
    r"\b(?:comment se suicider|comment mettre fin a ses jours|suicide-toi|suicidez-vous|tue-toi|tuez-vous|"
    r"pousser (?:\w+ ){0,3}au suicide|incit\w+ (?:\w+ ){0,3}au suicide))"
)

_RULES: tuple[tuple[Category, re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None, str], ...] = (
    ("minors", re.compile(_MINOR), re.compile(_SEXUAL), re.compile(_PROTECTIVE), "sexual content that involves minors"),
    ("weapons", re.compile(_INSTRUCT), re.compile(_WEAPON), None, "instructions for making weapons or explosives"),
    ("hate", re.compile(_INCITE), None, re.compile(_CONDEMNS), "incitement to hatred or violence against people"),
    ("self_harm", re.compile(_SELF_HARM), None, re.compile(_PROTECTIVE), "encouragement of suicide or self-harm"),
)
_HARMLESS_RULE = re.compile(_HARMLESS)
_HELP = " If you or someone near you is in danger, call your local emergency number now."
_NEAR = 120  # characters within which two signs belong together


def moderate(text: str) -> Verdict:
    """Judge sanitised text. Equal texts get equal verdicts; case, accents and spacing change nothing."""
    plain = _HARMLESS_RULE.sub(" ", _plain(text))
    for category, first, second, excuse, named in _RULES:
        for found in first.finditer(plain):
            near = plain[max(0, found.start() - _NEAR) : found.end() + _NEAR]
            if second is not None and not second.search(near):
                continue
            if excuse is not None and excuse.search(near):
                continue
            help_text = _HELP if category == "self_harm" else ""
            return Verdict(
                allowed=False,
                category=category,
                reason=f"This content was not accepted because it reads as {named}. Remove that part and send it again."
                + help_text,
            )
    return Verdict(allowed=True)


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
