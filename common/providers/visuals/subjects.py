"""Which motif a text is about: word roots in English and French (and a few in other languages) to motif names."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from common.domain.plan import Scene

# A root ending in a dot matches only the whole word; other roots match words that begin with them.
_ROOTS: Mapping[str, str] = MappingProxyType(
    {
        "lighthouse": "lighthouse phare faro leuchtt 灯台 灯塔 등대 farol",
        "ship": "ship boat vessel sail sailor fleet navire bateau voile marin. marins. cargo schiff barco nave. 船",
        "anchor": "anchor harbour harbor port. ports. ancre dock maritime navy",
        "wave": "sea. seas. ocean wave mer. mers. vague coast shore tide maree meer. mar. oceano 海 beach plage surf",
        "sun": "sun. sunny sunlight sunris summer soleil ete. solar solaire sonne sol. 太陽 morning matin dawn aube heat chaleur",
        "moon": "moon night nuit lune dark sleep sommeil dream reve mond. luna. 月 midnight bedtime",
        "cloud": "cloud rain storm weather nuage pluie orage meteo climate climat 雨",
        "mountain": "mountain hike hiking alps peak summit montagne sommet randonnee berg. montana 山 volcan",
        "leaf": "leaf leaves green nature plant. plants feuille vert. verte plante ecolog sustainab durable environ garden jardin herb basil mint organic bio.",
        "flower": "flower rose. roses. bloom fleur spring. printemps blume flor. 花 petal lavender pollin",
        "tree": "tree. trees forest wood. woods arbre foret bois. baum arbol 木 森 autumn automne deforest",
        "flame": "fire. fires flame burn feu. flamme incend brul torch passion hot. feuer 火 candle",
        "drop": "water. drop. drops goutte eau. eaux rain. thirst hydrat oil. wasser agua 水 milk lait liquid ink",
        "snow": "snow winter ice. cold frost neige hiver glace froid schnee 雪 arctic antarct",
        "gear": "gear machine engine mechan engrenage moteur process industr engineer ingenieur tool outil maschine system workflow automat",
        "heart": "heart love health coeur amour sante care. caring soin herz amor 愛 kind. kindness wellbeing romance",
        "chart": "chart data. statistic number donnees chiffre rate survey sondage report rapport market marche percent analytics metric",
        "growth": "growth grow. grows increase rise croissance hausse revenue sales vente economy economie profit invest",
        "shield": "shield safe safety protect securite protege security guard insurance assurance bouclier defense schutz",
        "clock": "clock time. minute hour second. seconds heure temps. horloge schedule deadline zeit. tiempo 時間 timer watch. daily",
        "hourglass": "wait patience history century centuries ancient siecle histoire millenn past. old. attente antiqu medieval",
        "book": "book read. reading read story library livre lire lecture histoires bibliothe novel chapter learn apprend buch libro 本 lesson study",
        "pen": "write writing writer. pencil ecrire ecrit stylo draw. drawing sign. form. note. editor design",
        "globe": "world globe earth. planet global monde terre. planete international welt mundo 世界 country pays. travel language internet",
        "pin": "place location map. maps carte. lieu adresse address destination local. nearby route",
        "cup": "coffee tea. cup. cafe. tasse the. espresso latte drink boisson kaffee 茶 barista breakfast caffeine",
        "pot": "cook recipe soup stew pot. boil simmer kitchen cuisine recette cuisin soupe casserole bouillir kochen ragout sauce pasta rice riz. pates stir 料理",
        "bread": "bread bak dough flour loaf pain. boulang farine pate. brot pan. croissant yeast levain sourdough pastry cake gateau",
        "fruit": "fruit apple pomme lemon citron orange. berry berries banana pear peche apfel",
        "carrot": "carrot vegetable veg. onion carotte legume oignon vegan vegetar salad salade tomato tomate potato garlic ail.",
        "fork": "eat. eating food meal dinner lunch restaurant manger repas nourriture diner. dejeuner menu plat. taste dish serve servir essen comida",
        "house": "house home. building. maison logement domicile room. family. haus casa 家 kitchen. rent property immobil neighbour",
        "city": "city cities town urban ville urbain building tower skyline street rue. stadt ciudad 都市 metropol architect office bureau downtown",
        "temple": "temple roman. romans rome. greek greece egypt pharaoh. empire museum musee law. bank. banque government pharos alexandria civiliz antiquity",
        "castle": "castle king. queen knight chateau roi. reine chevalier kingdom royal fortress burg",
        "factory": "factory manufactur usine production plant. pollution emission carbon carbone fabrik",
        "star": "star. stars space. galaxy etoile universe espace univers astro cosmos night sky. stern estrella 星 best. famous celebrity",
        "person": "person man. woman user. customer client. homme femme personne employee worker visitor you. visiteur",
        "people": "people team. community group. equipe gens. communaut collegue colleague partner social. crowd population meeting reunion famil friend ami. amis citizen",
        "hand": "hand. hands stop. help. main. mains aide. volunteer touch wash gesture donate don.",
        "bulb": "idea. ideas lamp. light. lights bulb. invent innov idee lumiere ampoule think insight creativ tip. tips astuce conseil",
        "bolt": "electric energy power. energie electri battery lightning fast. quick eclair puissance voltage charge energia",
        "rocket": "launch rocket startup start-up fusee lancement lancer mission boost product produit new. nouveau introducing accelerate",
        "plane": "plane. flight fly. flying airport avion voyage. vol. voler travel. trip. tourism holiday vacation vacances",
        "car": "car. cars drive driver driving vehicle voiture auto. conduire traffic route. road. parking",
        "bike": "bike bicycl cycl velo cycling",
        "train": "train. trains rail metro subway gare. station. transport commut tram",
        "note": "music song. sing. melody. piano guitar musique chanson chant. sound. audio concert rhythm 音楽 orchestra",
        "palette": "art. arts paint colour color. artist peint couleur artiste museum. creative craft kunst arte",
        "camera": "camera photo picture image. images photograph lens film. instagram",
        "film": "movie video cinema film. films theatre scene. animation trailer",
        "phone": "phone mobile app. apps smartphone telephone appli sms call. notification scroll",
        "screen": "screen computer laptop software website web. online ordinateur logiciel ecran dashboard numerique digital cloud.",
        "chip": "chip. chips processor hardware semiconduct tech technolog silicon puce comput",
        "robot": "robot artificial intelligence ia. ai. chatbot machine-learning neural",
        "lock": "lock password privacy private verrou mot-de-passe secret confident hack cyber encrypt",
        "warning": "warning danger hazard caution risk attention risque avertiss alert alerte emergency urgence evacu accident alarm alarme",
        "helmet": "helmet construction worker. chantier casque epi. equipment equipement site. hard-hat",
        "coin": "money coin. coins cost. price budget argent. prix. cout euro dollar save. saving pay. salary salaire financ tax impot cheap wealth",
        "bag": "shop. shopping buy. store purchase acheter achat magasin boutique retail sale. commerce order. fashion mode.",
        "gift": "gift present. birthday christmas cadeau anniversaire noel celebrate fete. party reward offer offre",
        "trophy": "win. winner win champion victory award gagner victoire prize success trophee succes record achieve reussite competition",
        "target": "goal target aim. focus objectif but. cible strateg purpose precise ziel mission.",
        "flask": "science scientif chemi experiment lab. laborat research recherche medicament chimie vaccine drug. discover",
        "atom": "atom physic quantum nuclear energy. particle nucleair molecul",
        "cross": "doctor hospital medic nurse medecin hopital first-aid secours patient clinic treatment disease maladie pharm",
        "brain": "brain mind. mental memory cerveau esprit memoire psycholog neuro think. anxiety stress meditat concentrat",
        "eye": "eye. eyes see. vision look. watch oeil yeux voir regard view sight visib",
        "speech": "speak speech say. talk conversation parler parole discours dialog voice voix language langue question discuss message feedback",
        "megaphone": "announce campaign marketing advert annonce publicit brand marque promot news. nouvelle speak-up",
        "calendar": "calendar date. day. week month year. years jour. semaine mois annee event evenement monday schedule. agenda",
        "compass": "compass direction navigat explor guide boussole orient journey voyage adventur discovery path. chemin",
        "fish": "fish poisson saumon salmon tuna thon peche. whale shark marine aquari",
        "bird": "bird. birds wing. oiseau aile pigeon eagle migrat feather swallow penguin",
        "paw": "dog. dogs cat. cats pet. pets animal chien chat. chats wildlife hund gato veterinar puppy",
        "bee": "bee. bees honey insect abeille miel hive ruche butterfly papillon",
        "ball": "football soccer sport ball. match. team. balle. basketball player joueur game. stadium",
        "dumbbell": "gym fitness workout exercise muscle train. training strength exercice musculation body. yoga stretch run. running",
        "key": "key. keys cle. clef solution unlock access acces",
        "recycle": "recycl waste. reuse dechet plastic plastique tri. trier compost circular",
        "wind": "wind. windy vent. eolien turbine breeze air. breath respir storm. kite",
        "wheat": "wheat farm harvest agricultur ble. ferme recolte crop. grain. cereal rural soil field champ",
        "bottle": "bottle wine. beer bouteille vin. biere perfume parfum shampoo cosmet container",
        "graduation": "school student. university education ecole etudiant universit teach enseign diploma class. classe academ professor",
        "scales": "justice legal court. fair. compar balance equal egalit droit. rights loi. lawyer versus weigh",
        "quill": "poem poet poetry poeme poesie verse author auteur literature litterat shakespeare letter. lettre haiku",
        "wheel": "pirate captain sailor. steer helm capitaine gouvernail",
        "check": "done. complete check. checklist verify valid finish confirm terminer verifi conclusion ready. approved",
        "puzzle": "puzzle problem. solve challenge probleme defi. jeu. jeux game. fit. integrat piece",
    }
)  # fmt: skip
_WEIGHTS = (("headline", 4), ("idea", 3), ("lines", 2), ("narration", 1))


def plain(text: str) -> str:
    """Lower case without accents, for comparing words."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


@cache
def _index() -> tuple[Mapping[str, str], Mapping[str, str], tuple[tuple[str, str], ...]]:
    whole, start, inside = {}, {}, []
    for motif, roots in _ROOTS.items():
        for root in roots.split():
            if not root.isascii():
                inside.append((unicodedata.normalize("NFKD", root), motif))
            elif root.endswith("."):
                whole.setdefault(root[:-1], motif)
            else:
                start.setdefault(root, motif)
    return whole, start, tuple(inside)


def _motif_of(word: str) -> str | None:
    whole, start, _ = _index()
    if word in whole:
        return whole[word]
    for length in range(len(word), 2, -1):
        if word[:length] in start:
            return start[word[:length]]
    return None


def subjects(scene: Scene) -> tuple[str, ...]:
    """The motifs a scene is about, the most telling first; empty when no word is known."""
    score: Counter[str] = Counter()
    for field, weight in _WEIGHTS:
        content = getattr(scene, field)
        text = plain(content if isinstance(content, str) else " ".join(content))
        for word in re.findall(r"[a-z][a-z-]+", text):
            found = _motif_of(word)
            if found:
                score[found] += weight
        for root, motif in _index()[2]:
            score[motif] += weight * text.count(root)
    return tuple(motif for motif, points in sorted(score.items(), key=lambda item: (-item[1], item[0])) if points)


def subject_of_text(text: str) -> str | None:
    """The motif of a short text such as a list item: that of its first known word."""
    for word in re.findall(r"[a-z][a-z-]+", plain(text)):
        found = _motif_of(word)
        if found:
            return found
    return None
