"""The mood a text asks for, by the words it uses."""

from collections.abc import Mapping
from types import MappingProxyType

from common.domain.keywords import stem
from common.domain.plan import Mood
from common.domain.syllables import tokens

_WORDS: Mapping[Mood, str] = MappingProxyType(
    {
        "tense": (
            "danger warning emergency fire evacuate alarm threat crisis risk attack urgent storm explosion "
            "incendie alerte urgence évacuation risque attention incendio emergencia notfall feuer gefahr "
            "pericolo emergência"
        ),
        "serious": (
            "safety war death law security disease climate justice history policy data report statistics election "
            "sécurité guerre mort loi maladie justice histoire consigne rapport données seguridad guerra "
            "sicherheit krieg sicurezza segurança privacy tax court medicine patient"
        ),
        "playful": (
            "fun funny game joke kids children party birthday cat dog puppy kitten toy silly monster robot dance "
            "anniversaire fête jeu enfants chat chien drôle cumpleaños fiesta geburtstag spiel kinder compleanno "
            "festa"
        ),
        "tender": (
            "love mother father baby grandmother family goodbye memory remember poem heart gentle sleep lullaby "
            "amour mère père bébé famille souvenir poème coeur cœur amor madre liebe mutter gedicht amore poesia "
            "mãe"
        ),
        "epic": (
            "ships empire ocean mountain galaxy universe space rocket ancient legend hero kings voyage explorers "
            "navires océan montagne espace fusée légende héros voyage lighthouse phare pyramid castle dinosaur "
            "volcano"
        ),
        "bright": (
            "launch new introducing product summer sun energy startup growth celebrate win success festival "
            "spring lancement nouveau produit été soleil énergie succès lanzamiento nuevo neu sommer estate "
            "lancio verão novo"
        ),
        "warm": (
            "recipe cook bake bread soup kitchen coffee tea home garden harvest autumn village craft chocolate "
            "cake recette cuisine pain soupe café thé maison jardin receta cocina rezept küche ricetta cucina "
            "receita cozinha"
        ),
    }
)
_INDEX: Mapping[str, Mood] = MappingProxyType(
    {stem(word): mood for mood, words in reversed(list(_WORDS.items())) for word in words.split() if len(word) > 3}
)


def mood_of(text: str, default: Mood = "calm") -> Mood:
    """The mood most of the telling words point to; the earlier word wins a tie, `default` when none tells."""
    score: dict[Mood, float] = {}
    for token in tokens(text):
        if mood := _INDEX.get(stem(token)):
            score[mood] = score.get(mood, 0) + 1
    return max(score, key=lambda mood: score[mood]) if score else default
