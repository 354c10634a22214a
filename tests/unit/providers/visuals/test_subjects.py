import pytest

from common.domain.plan import Scene
from common.providers.visuals.motifs import motif_svg, motifs
from common.providers.visuals.subjects import _index, subject_of_text, subjects, told


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
        ("Shall I compare thee to a summer's day?", "sun"),
    ],
)
def test_a_scene_is_about_its_first_telling_word(headline, motif):
    assert subjects(scene(headline))[0] == motif


def test_what_is_said_decides_when_the_headline_does_not():
    assert subjects(scene("Xyzzy", "The rocket rises over the sea."))[0] == "rocket"
    assert subjects(scene("Xyzzy", "plugh")) == ()


def test_a_topic_of_all_scenes_is_not_drawn_the_same_in_each():
    topic = scene("Before", "The world before.", "printing press")
    assert [told(topic, turn) for turn in range(4)] == ["book", "globe", "book", "globe"]
    assert {told(scene("The printing press", "The world before."), turn) for turn in range(4)} == {"book"}
    assert told(scene("Xyzzy"), 1) is None
    assert told(scene("How lighthouses guided ships", "Ships passed, ship after ship.", "ships"), 1) == "lighthouse"


@pytest.mark.parametrize("word", ["but", "the", "main", "pain", "son", "or"])
def test_small_words_of_the_other_language_mean_nothing(word):
    assert subject_of_text(word) is None


@pytest.mark.parametrize("word", ["window", "Europe", "surface", "taxi", "Washington", "reveal", "server", "velocity"])
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
