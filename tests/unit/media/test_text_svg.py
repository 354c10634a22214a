import re

import pytest

from common.media.fonts import face
from common.media.raster import sprite
from common.media.text import Style, fit
from common.media.text_svg import line_svg

STYLE = Style(face("Poppins", 700))


def pieces(text):
    block = fit(text, STYLE, 3000, 100, 40, 20, "ja")
    svg, fonts = line_svg(block, 0, 0, 40, "#ffffff")
    found = re.findall(r'x="([-\d.]+)"[^>]*>([^<]*)</text>', svg)
    return [text.strip("\u2067") for _, text in sorted(found, key=lambda item: float(item[0]))], fonts


def test_each_run_names_its_own_font():
    texts, fonts = pieces("Go 灯台 🚀")
    assert texts == ["Go", "灯台", "🚀"]
    assert len(fonts) == 3


def test_arabic_reads_from_the_right_with_foreign_words_in_their_own_order():
    texts, _ = pieces("أبراج Fresnel Lens في 1822 هنا")
    assert texts == ["هنا", "1822", "في", "Fresnel", "Lens", "أبراج"]


def test_markup_is_text():
    texts, _ = pieces("<b>&amp;</b>")
    assert texts == ["&lt;b&gt;&amp;amp;&lt;/b&gt;"]


@pytest.mark.parametrize(
    "text",
    [
        "Ship it 🚀🎉 then 👨‍👩‍👧‍👦 ❤️ ok",
        "العربية mixed 한국어 ไทย",
        "Ångström Ẫ ệ",
        "नमस्ते दुनिया",
        "e\u0301\u0301\u0301 z͑ͫ̓ͪ",
        "\u202eabc",
        "1️⃣ 2️⃣",
    ],
)
def test_no_ink_is_cut_by_the_edge(text):
    block = fit(text, STYLE, 1500, 100, 40, 20)
    pad = block.size * 0.25
    baseline = (block.line_height - block.size) / 2 + block.size * 0.8 + pad
    svg, fonts = line_svg(block, 0, pad, baseline, "#ffffff")
    box = (block.width_of(0) + 2 * pad, block.line_height + 2 * pad)
    planes = sprite(svg, box, (round(box[0] / 2) * 2, round(box[1] / 2) * 2), fonts)
    assert planes.a.any()
    for edge in (planes.a[0], planes.a[-1], planes.a[:, 0], planes.a[:, -1]):
        assert edge.max() < 40
