"""Prompts of the kinds people type: each is understood, and its plan reads like sentences about its subject."""

import re
from itertools import pairwise

import pytest

from common.domain.keywords import content_words, stem
from common.domain.plan import Lang, Plan
from common.domain.request import PipelineRequest
from common.domain.text import sentences
from common.providers.planner.local import LocalPlanner
from common.providers.planner.port import Brief
from common.providers.planner.subject import subject_of

ENGLISH = [  # prompt, intent, topic, title
    (
        "Launch of Lumo, a solar backpack that charges your phone while you walk",
        "launch",
        "Lumo",
        "Lumo, a solar backpack that charges your phone",
    ),
    (
        "History lesson: how the printing press changed Europe",
        "history",
        "the printing press",
        "How the printing press changed Europe",
    ),
    (
        "Introducing Nimbus: the coffee mug that keeps your drink warm all day",
        "launch",
        "Nimbus",
        "Nimbus: the coffee mug that keeps your drink warm all day",
    ),
    ("make a 30 second video about our new yoga app ZenFlow", "launch", "ZenFlow", "Our new yoga app ZenFlow"),
    ("How to change a bike tire", "howto", "a bike tire", "How to change a bike tire"),
    ("How do I train a puppy to sit?", "howto", "a puppy", "How do I train a puppy to sit?"),
    ("Explain quantum computing to a 10 year old", "explain", "quantum computing", "Quantum computing"),
    ("explain how vaccines work", "explain", "vaccines", "How vaccines work"),
    (
        "Compare electric cars and petrol cars",
        "compare",
        "electric cars and petrol cars",
        "Electric cars and petrol cars",
    ),
    (
        "Cats vs dogs: which pet is right for you?",
        "compare",
        "cats vs dogs",
        "Cats vs dogs: which pet is right for you?",
    ),
    ("Top 5 tips for better sleep", "tips", "better sleep", "Top 5 tips for better sleep"),
    ("7 ways to save money at home", "tips", "save money at home", "7 ways to save money at home"),
    ("The history of the Eiffel Tower", "history", "the Eiffel Tower", "The history of the Eiffel Tower"),
    ("A brief history of the internet", "history", "the internet", "A brief history of the internet"),
    (
        "Happy birthday Grandma Rose, 80 years young!",
        "celebrate",
        "Happy birthday Grandma Rose, 80 years young",
        "Happy birthday Grandma Rose, 80 years young",
    ),
    (
        "Happy 10th anniversary to Tom and Julia",
        "celebrate",
        "Happy 10th anniversary to Tom and Julia",
        "Happy 10th anniversary to Tom and Julia",
    ),
    (
        "You're invited to our summer garden party on July 12",
        "invite",
        "our summer garden party on July 12",
        "You're invited to our summer garden party on July 12",
    ),
    ("Never give up on your dreams", "motivate", "Never give up on your dreams", "Never give up on your dreams"),
    ("Motivational video about getting up early", "motivate", "getting up early", "Getting up early"),
    (
        "A bedtime story about a little bear who couldn't sleep",
        "story",
        "a little bear who couldn't sleep",
        "A little bear who couldn't sleep",
    ),
    (
        "Safety notice: wear a helmet on the construction site",
        "safety",
        "wear a helmet on the construction site",
        "Wear a helmet on the construction site",
    ),
    (
        "Safety briefing for laboratory visitors",
        "safety",
        "Safety briefing for laboratory visitors",
        "Safety briefing for laboratory visitors",
    ),
    ("We are Greenleaf, a family company that plants trees in cities", "company", "Greenleaf", "We are Greenleaf"),
    (
        "We're hiring a senior software engineer in Berlin",
        "job",
        "a senior software engineer in Berlin",
        "We're hiring a senior software engineer in Berlin",
    ),
    ("Help us rebuild the village school", "appeal", "the village school", "Help us rebuild the village school"),
    ("Donate to save the bees", "appeal", "the bees", "Donate to save the bees"),
    (
        "Weather forecast for Paris this weekend",
        "news",
        "the weather forecast for Paris this weekend",
        "Weather forecast for Paris this weekend",
    ),
    ("Lakers beat Celtics 112-108 in overtime", "news", "Lakers", "Lakers beat Celtics 112-108 in overtime"),
    ("The rules of rugby", "topic", "the rules of rugby", "The rules of rugby"),
    ("Photosynthesis for kids", "lesson", "photosynthesis", "Photosynthesis"),
    ("How does compound interest work?", "explain", "compound interest", "How does compound interest work?"),
    ("What is inflation?", "explain", "inflation", "What is inflation?"),
    ("A poem about the sea at night", "poem", "the sea at night", "The sea at night"),
    ("Poem: autumn leaves", "poem", "autumn leaves", "Autumn leaves"),
    ("Travel guide: 3 days in Lisbon", "travel", "Lisbon", "3 days in Lisbon"),
    ("Best places to visit in Japan", "travel", "Japan", "Best places to visit in Japan"),
    (
        '"The only way to do great work is to love what you do"',
        "motivate",
        "the only way to do great work",
        "The only way to do great work is to love what you do",
    ),
    ("Why do cats purr?", "explain", "cats", "Why do cats purr?"),
    ("THE SOLAR SYSTEM EXPLAINED", "explain", "the solar system", "The solar system explained"),
    ("the benifits of meditaton for students...", "lesson", "the benifits of meditaton", "The benifits of meditaton"),
    ("Tutorial: how to tie a tie", "howto", "a tie", "How to tie a tie"),
    ("Recipe: banana bread with walnuts", "recipe", "banana bread with walnuts", "Banana bread with walnuts"),
    (
        "Product launch: AquaPure, the bottle that cleans your water",
        "launch",
        "AquaPure",
        "AquaPure, the bottle that cleans your water",
    ),
    (
        "Benefits of walking 10,000 steps a day",
        "topic",
        "the benefits of walking 10,000 steps a day",
        "Benefits of walking 10,000 steps a day",
    ),
    (
        "Climate change (and what we can do about it)",
        "topic",
        "climate change",
        "Climate change (and what we can do about it)",
    ),
    ("Our bakery opens on Monday. Come and taste fresh bread!", "announce", "our bakery", "Our bakery opens on Monday"),
    (
        "Black Friday sale: 50% off all shoes",
        "announce",
        "the Black Friday sale",
        "Black Friday sale: 50% off all shoes",
    ),
    ("can you make me a video about how volcanoes erupt please", "explain", "volcanoes", "How volcanoes erupt"),
    ("The water cycle", "topic", "the water cycle", "The water cycle"),
    (
        "Artificial intelligence in healthcare",
        "topic",
        "artificial intelligence in healthcare",
        "Artificial intelligence in healthcare",
    ),
    ("Why remote work is here to stay", "explain", "remote work", "Why remote work is here to stay"),
    (
        "Create an Instagram reel promoting my barber shop in Austin",
        "company",
        "our barber shop in Austin",
        "Our barber shop in Austin",
    ),
    ("Teach kids to brush their teeth", "howto", "teeth", "How to brush your teeth"),
    (
        "Thank you to all our volunteers",
        "celebrate",
        "Thank you to all our volunteers",
        "Thank you to all our volunteers",
    ),
    ("Welcome to the team, Maria!", "celebrate", "Welcome to the team, Maria", "Welcome to the team, Maria"),
    ("The life of Marie Curie", "life", "Marie Curie", "The life of Marie Curie"),
    ("World War II in 60 seconds", "history", "World War II", "World War II"),
    (
        "How the ancient Egyptians built the pyramids",
        "history",
        "the ancient Egyptians",
        "How the ancient Egyptians built the pyramids",
    ),
    (
        "Product demo of our inventory software for small shops",
        "launch",
        "our inventory software for small shops",
        "Product demo of our inventory software for small shops",
    ),
    (
        "The new electric scooter that folds into your backpack",
        "launch",
        "the new electric scooter",
        "The new electric scooter that folds into your backpack",
    ),
    ("why is the stock market falling?", "explain", "the stock market", "Why is the stock market falling?"),
    ("Why does bread rise?", "explain", "bread", "Why does bread rise?"),
    ("How do airplanes stay in the air?", "explain", "airplanes", "How do airplanes stay in the air?"),
    ("what happens when you sleep", "explain", "what happens when you sleep", "What happens when you sleep?"),
    ("What is blockchain and how does it work?", "explain", "blockchain", "What is blockchain and how does it work?"),
    (
        "How to write a resume that gets you hired",
        "howto",
        "a resume that gets you hired",
        "How to write a resume that gets you hired",
    ),
    ("how to meditate", "howto", "meditate", "How to meditate"),
    ("10 facts about sharks", "topic", "sharks", "10 facts about sharks"),
    ("5 reasons to visit Iceland", "travel", "Iceland", "5 reasons to visit Iceland"),
    ("Android vs iPhone", "compare", "Android vs iPhone", "Android vs iPhone"),
    ("Should I rent or buy a house?", "explain", "I", "Should I rent or buy a house?"),
    ("The rise and fall of the Roman Empire", "history", "the Roman Empire", "The rise and fall of the Roman Empire"),
    ("The origins of chocolate", "history", "chocolate", "The origins of chocolate"),
    (
        "Merry Christmas from all of us at Acme",
        "celebrate",
        "Merry Christmas from all of us at Acme",
        "Merry Christmas from all of us at Acme",
    ),
    (
        "Congratulations to the class of 2026!",
        "celebrate",
        "Congratulations to the class of 2026",
        "Congratulations to the class of 2026",
    ),
    (
        "Wedding invitation for Anna and Paul, June 5 2027, Lyon",
        "invite",
        "the wedding",
        "Wedding invitation for Anna and Paul, June 5 2027, Lyon",
    ),
    (
        "Save the date: annual charity gala on November 3rd",
        "invite",
        "the annual charity gala on November 3rd",
        "Annual charity gala on November 3rd",
    ),
    ("Tell me a story about a dragon afraid of fire", "story", "a dragon afraid of fire", "A dragon afraid of fire"),
    ("Once upon a time there was a lonely robot on Mars", "story", "a lonely robot on Mars", "A lonely robot on Mars"),
    ("Fire safety in the office", "safety", "Fire safety in the office", "Fire safety in the office"),
    ("Road safety rules for cyclists", "safety", "cyclists", "Road safety rules for cyclists"),
    (
        "About our startup: we build drones for farmers",
        "company",
        "our startup",
        "Our startup: we build drones for farmers",
    ),
    ("Now hiring: baristas and bakers", "job", "baristas and bakers", "Baristas and bakers"),
    ("Please adopt a shelter dog", "appeal", "a shelter dog", "Adopt a shelter dog"),
    ("World Cup final: Argentina vs France", "news", "the World Cup final", "World Cup final: Argentina vs France"),
    ("The Olympic Games", "topic", "the Olympic Games", "The Olympic Games"),
    ("Gravity explained to kids", "explain", "gravity", "Gravity explained"),
    ("How credit cards work", "explain", "credit cards", "How credit cards work"),
    ("haiku about rain", "poem", "rain", "Rain"),
    ("A weekend in Rome", "travel", "Rome", "A weekend in Rome"),
    ("Yoga for beginners", "lesson", "yoga", "Yoga"),
    ("Mental health at work", "topic", "mental health at work", "Mental health at work"),
    (
        "URGENT: WATER OUTAGE TOMORROW FROM 8 TO 12",
        "announce",
        "the water outage tomorrow from 8 to 12",
        "Water outage tomorrow from 8 to 12",
    ),
    ("dinosaurs!!", "topic", "dinosaurs", "Dinosaurs"),
    ("Make a video with 3 scenes about the ocean", "topic", "the ocean", "The ocean"),
    (
        'I want a 1 minute promo for my restaurant "La Terrasse"',
        "company",
        "our restaurant La Terrasse",
        "Our restaurant La Terrasse",
    ),
    ("Bitcoin: a beginner's guide", "topic", "bitcoin", "Bitcoin: a beginner's guide"),
    ("Renewable energy - the way forward", "topic", "renewable energy", "Renewable energy - the way forward"),
    (
        "sustainable fashion, explained simply",
        "explain",
        "sustainable fashion",
        "Sustainable fashion, explained simply",
    ),
]
OTHERS: list[tuple[Lang, str, str, str, str]] = [  # language, prompt, intent, topic, title
    (
        "fr",
        "Lancement de Lumo, un sac à dos solaire qui recharge votre téléphone",
        "launch",
        "Lumo",
        "Lumo, un sac à dos solaire qui recharge votre téléphone",
    ),
    (
        "fr",
        "Leçon d'histoire : comment l'imprimerie a changé l'Europe",
        "history",
        "l'imprimerie",
        "Comment l'imprimerie a changé l'Europe",
    ),
    ("fr", "Recette de la tarte tatin", "recipe", "la tarte tatin", "Recette de la tarte tatin"),
    ("fr", "Pourquoi les chats ronronnent-ils ?", "explain", "les chats", "Pourquoi les chats ronronnent-ils ?"),
    ("fr", "5 conseils pour mieux dormir", "tips", "mieux dormir", "5 conseils pour mieux dormir"),
    (
        "fr",
        "Joyeux anniversaire Mamie, 80 ans déjà !",
        "celebrate",
        "Joyeux anniversaire Mamie, 80 ans déjà",
        "Joyeux anniversaire Mamie, 80 ans déjà",
    ),
    (
        "fr",
        "Consignes de sécurité en cas d'incendie dans un immeuble",
        "safety",
        "Consignes de sécurité en cas d'incendie dans un immeuble",
        "Consignes de sécurité en cas d'incendie dans un immeuble",
    ),
    ("fr", "Fais une vidéo de 30 secondes sur les abeilles", "topic", "les abeilles", "Les abeilles"),
    (
        "fr",
        "Comment changer une roue de vélo",
        "howto",
        "comment changer une roue de vélo",
        "Comment changer une roue de vélo",
    ),
    ("fr", "Un poème sur la mer la nuit", "poem", "la mer la nuit", "La mer la nuit"),
    (
        "fr",
        "Vélo ou voiture : que choisir en ville ?",
        "compare",
        "vélo ou voiture",
        "Vélo ou voiture : que choisir en ville ?",
    ),
    (
        "fr",
        "Nous recrutons un développeur à Lyon",
        "job",
        "un développeur à Lyon",
        "Nous recrutons un développeur à Lyon",
    ),
    ("fr", "L'histoire de la tour Eiffel", "history", "la tour Eiffel", "L'histoire de la tour Eiffel"),
    (
        "fr",
        "Il était une fois un petit renard qui voulait voler",
        "story",
        "un petit renard qui voulait voler",
        "Un petit renard qui voulait voler",
    ),
    ("es", "Consejos para dormir mejor", "tips", "dormir mejor", "Consejos para dormir mejor"),
    ("es", "Receta de tortilla de patatas", "recipe", "tortilla de patatas", "Receta de tortilla de patatas"),
    ("es", "Cómo funciona la energía solar", "explain", "la energía solar", "Cómo funciona la energía solar"),
    ("es", "Feliz cumpleaños, Ana!", "celebrate", "Feliz cumpleaños, Ana", "Feliz cumpleaños, Ana"),
    ("de", "Warum ist der Himmel blau?", "explain", "der Himmel", "Warum ist der Himmel blau?"),
    ("de", "Rezept: Apfelkuchen", "recipe", "Apfelkuchen", "Apfelkuchen"),
    ("de", "Tipps für besseren Schlaf", "tips", "Tipps für besseren Schlaf", "Tipps für besseren Schlaf"),
    ("it", "La storia della pizza", "history", "la pizza", "La storia della pizza"),
    ("it", "Come fare il pane in casa", "howto", "Come fare il pane in casa", "Come fare il pane in casa"),
    ("pt", "Dicas para economizar água", "tips", "economizar água", "Dicas para economizar água"),
    ("pt", "Por que o céu é azul?", "explain", "o céu", "Por que o céu é azul?"),
]
UNNAMED = [  # sentences of their own: no other sentence speaks of them
    "Never give up on your dreams",
    "7 ways to save money at home",
    "Water the plant only when the soil is dry. Too much water kills it.",
    "Should I rent or buy a house?",
    "what happens when you sleep",
    '"The only way to do great work is to love what you do"',
]
VERSES = ("poem", "celebrate", "safety")  # these speak to somebody, not of something


def plan_of(prompt: str, lang: Lang = "en", seconds: int = 30) -> Plan:
    request = PipelineRequest(content=prompt, lang=lang, duration_sec=seconds, preset="premium_spot")
    return LocalPlanner().direct(Brief.of(request))


@pytest.mark.parametrize(("prompt", "intent", "topic", "title"), ENGLISH)
def test_english_prompts_are_understood(prompt: str, intent: str, topic: str, title: str) -> None:
    subject = subject_of(prompt, "en")
    assert (subject.intent, subject.topic, subject.title) == (intent, topic, title)


@pytest.mark.parametrize(("lang", "prompt", "intent", "topic", "title"), OTHERS)
def test_other_prompts_are_understood(lang: Lang, prompt: str, intent: str, topic: str, title: str) -> None:
    subject = subject_of(prompt, lang)
    assert (subject.intent, subject.topic, subject.title) == (intent, topic, title)


@pytest.mark.parametrize("prompt", UNNAMED)
def test_a_sentence_is_never_spoken_of_like_a_thing(prompt: str) -> None:
    assert "topic" not in subject_of(prompt, "en").slots()


@pytest.mark.parametrize("seconds", [15, 30, 90])
@pytest.mark.parametrize(("lang", "prompt"), [("en", row[0]) for row in ENGLISH] + [(row[0], row[1]) for row in OTHERS])
def test_plans_read_well(lang: Lang, prompt: str, seconds: int) -> None:
    plan = plan_of(prompt, lang, seconds)
    said = [sentence for scene in plan.scenes for sentence in sentences(scene.narration)]
    shown = [text for scene in plan.scenes for text in (scene.headline, *scene.lines)]
    assert plan.scenes[0].kind == "title"
    assert plan.scenes[-1].kind == "closing"
    assert len(set(said)) == len(said)
    assert not re.match(r"(?:of|for|to|that|which|and|de|du|von|di)\s", plan.title, re.I)
    for text in [*said, *shown]:
        assert not re.search(
            r"[{}]|\s[,.]|[?!.:,][.,:]|\b(the|a|an) (the|a|an|of|for)\b|\b(of|for) (of|for)\b", text
        ), text
    first = {stem(word) for word in content_words(plan.scenes[0].narration, lang)}
    assert first & subject_of(prompt, lang).stems(lang)


@pytest.mark.parametrize("prompt", [row[0] for row in ENGLISH if row[1] not in VERSES])
def test_the_subject_is_never_left_for_long(prompt: str) -> None:
    own = subject_of(prompt, "en").stems("en")
    speaks = [
        bool(own & {stem(word) for word in content_words(sentence, "en")})
        for scene in plan_of(prompt).scenes[:-1]  # the closing may say its thanks
        for sentence in re.split(r"(?<=[.!?])\s", scene.narration)
    ]
    assert not [pair for pair in pairwise(speaks) if pair == (False, False)]


def test_a_launch_reads_like_one() -> None:
    plan = plan_of("Launch of Lumo, a solar backpack that charges your phone while you walk")
    assert plan.scenes[0].headline == "Meet Lumo"
    assert "a solar backpack that charges your phone while you walk" in plan.scenes[0].narration.lower()
    assert "A solar backpack that charges your phone" in [scene.headline for scene in plan.scenes]


def test_a_label_tells_the_intent_and_leaves_the_screen() -> None:
    plan = plan_of("History lesson: how the printing press changed Europe")
    assert plan.title == "How the printing press changed Europe"
    texts = " ".join(text for scene in plan.scenes for text in (scene.narration, scene.headline, *scene.lines))
    assert "lesson" not in texts.lower()
    assert subject_of("Topic: the water cycle", "en").topic == "the water cycle"


def test_a_second_sentence_is_said_as_it_is() -> None:
    plan = plan_of("Our bakery opens on Monday. Come and taste fresh bread!")
    assert plan.title == "Our bakery opens on Monday"
    assert "Come and taste fresh bread!" in [scene.narration for scene in plan.scenes]


def test_tips_asked_for_by_number_are_numbered() -> None:
    shown = [scene.headline[:2] for scene in plan_of("Top 5 tips for better sleep").scenes]
    assert [mark for mark in shown if mark[0].isdigit()] == ["1.", "2.", "3.", "4.", "5."]


def test_questions_become_parts_of_sentences() -> None:
    assert subject_of("Why is the sky blue?", "en").clause == "why the sky is blue"
    assert subject_of("How does compound interest work?", "en").clause == "how compound interest works"
    assert subject_of("Why did Rome fall?", "en").clause == ""
    assert subject_of("Can dogs eat chocolate?", "en").clause == "whether dogs can eat chocolate"
    assert subject_of("Is climate change real?", "en").topic == "climate change"
    assert subject_of("Who invented the telephone?", "en").topic == "the telephone"


def test_every_fact_of_the_prompt_is_said() -> None:
    facts = (
        "8 million tonnes enter the sea each year",
        "9% of plastic is recycled",
        "1 in 3 fish contain microplastics",
        "450 years for a bottle to break down",
    )
    request = PipelineRequest(content=f"Ocean plastics in numbers: {', '.join(facts)}", duration_sec=28)
    plan = LocalPlanner().direct(Brief.of(request))
    said = " ".join(scene.narration for scene in plan.scenes)
    assert all(fact in said for fact in facts)
    assert max(scene.frames for scene in plan.scenes) <= 10 * 30
