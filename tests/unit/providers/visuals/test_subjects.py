import pytest

from common.domain.plan import Media, Scene
from common.providers.visuals.motifs import motif_svg, motifs
from common.providers.visuals.subjects import _index, drawings, subject_of_text, subjects
from scripts.contact.prompts import prompts
from scripts.contact.sheet import plan_of


def scene(headline, narration="", idea=""):
    return Scene(id="s", kind="statement", headline=headline, narration=narration, idea=idea, frames=60)


@pytest.mark.parametrize(
    ("headline", "motif"),
    [
        ("How lighthouses guided ships for two thousand years", "lighthouse"),
        ("Le phare qui veille sur la mer", "lighthouse"),
        ("A simple onion soup recipe", "pot"),
        ("Consignes de sécurité en cas d’incendie", "shield"),
        ("Our new app launches today", "phone"),
        ("La forêt d'automne", "tree"),
        ("灯台の歴史", "lighthouse"),
        ("Cómo cuidar las plantas en verano", "leaf"),
        ("Por que o céu é azul?", "cloud"),
        ("Die Katze schläft", "paw"),
        ("L'arte del caffè italiano", "palette"),
        ("Shall I compare thee to a summer's day?", "sun"),
    ],
)
def test_a_scene_is_about_its_first_telling_word(headline, motif):
    assert subjects(scene(headline))[0] == motif


def test_what_is_said_decides_when_the_headline_does_not():
    assert subjects(scene("Xyzzy", "The rocket rises over the sea."))[0] == "rocket"
    assert subjects(scene("Xyzzy", "plugh")) == ()


def drawn(*scenes, kept=()):
    named = [one.model_copy(update={"id": f"s{place}"}) for place, one in enumerate(scenes)]
    return list(drawings(named, dict(kept)).values())


def test_a_topic_of_all_scenes_is_drawn_once():
    topic = scene("Before", "The world before.", "printing press")
    assert drawn(*[topic] * 4) == ["book", "globe", None, None]
    assert drawn(*[scene("The printing press", "The world before.")] * 2) == ["book", "globe"]
    assert drawn(scene("Xyzzy"), scene("Xyzzy", "A rocket.")) == [None, "rocket"]
    assert drawn(scene("How lighthouses guided ships", "Ships passed, ship after ship.")) == ["lighthouse"]


def test_what_a_scene_only_touches_upon_is_not_drawn():
    crowded = scene("Xyzzy", "A rocket over a lighthouse, a train and a castle.")
    assert drawn(*[crowded] * 4)[2:] == [None, None]


def test_a_scene_of_the_users_own_picture_takes_no_drawing_from_another():
    pictured = scene("A rocket").model_copy(update={"media": Media(object="photo", type="image", sha256="0" * 64)})
    assert drawn(pictured, scene("A rocket")) == [None, "rocket"]


def test_scenes_that_stay_keep_their_drawings_whatever_became_of_the_others():
    rocket, castle = scene("A rocket"), scene("A castle")
    assert drawn(castle, rocket, rocket) == ["castle", "rocket", None]
    assert drawn(castle, castle, rocket, kept={"s0": "castle", "s2": None}) == ["castle", None, None]
    assert drawn(rocket, castle, rocket, kept={"s1": "castle", "s2": "rocket"}) == [None, "castle", "rocket"]


@pytest.mark.parametrize("name", list(prompts()))
def test_no_film_draws_a_motif_twice(name):
    found = [motif for motif in drawings(plan_of(prompts()[name]).scenes).values() if motif]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("word", ["but", "the", "main", "pain", "son", "or"])
def test_small_words_of_the_other_language_mean_nothing(word):
    assert subject_of_text(word) is None


@pytest.mark.parametrize(
    "word", ["window", "Europe", "surface", "taxi", "Washington", "reveal", "server", "velocity", "recordar"]
)
def test_words_that_begin_alike_are_not_confused(word):
    assert subject_of_text(word) is None


def test_every_root_leads_to_a_drawing():
    named = {motif for table in _index()[:2] for motif in table.values()} | {motif for _, motif in _index()[2]}
    assert named <= set(motifs())
    assert len(motifs()) >= 60


@pytest.mark.parametrize("name", sorted(motifs()))
def test_drawings_use_the_palette_and_stay_in_their_square(name):
    from common.media.raster import sprite

    svg = motif_svg(name, 48, "#ff0000", "#00ff00", "#ffffff", "#000000")
    assert "$" not in svg
    planes = sprite(f'<g transform="translate(8 8)">{svg}</g>', (64, 64), (64, 64))
    assert (planes.a > 128).sum() > 60
    assert max(planes.a[:5].max(), planes.a[-5:].max(), planes.a[:, :5].max(), planes.a[:, -5:].max()) == 0
