"""The page: everything in one file, nothing loaded from elsewhere, a tune's text stays text."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from songrnn.pages.document import Figure, Table
from songrnn.rendering.page import file_stem, page
from songrnn.rendering.render import Mark, Rendering

ATTACK = "</pre><script>alert(1)</script>"
TUNE = Rendering(
    title="The Brown Thorn",
    abc="X:1\nT:The Brown Thorn\nK:G\nGAB|\n",
    outputs={"abc": b"X:1", "midi": b"MThd", "wav": b"RIFF", "mp3": b"ID3", "musicxml": b"<score/>", "svg": b"<svg/>"},
    failures={},
    messages=(),
)
SILENT = Rendering(
    title="",
    abc="X:1\nK:\n",
    outputs={"abc": b"X:1\nK:\n"},
    failures={"midi": "no key", "wav": "no key", "svg": "no notes"},
    messages=(),
)


class Elements(HTMLParser):
    """Every element with its attributes, and the text inside <pre>."""

    def __init__(self, html):
        super().__init__()
        self.found, self.texts, self._inside = [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "pre":
            self.texts.append("")

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside == "pre":
            self.texts[-1] += data

    def named(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def test_a_script_in_a_title_a_text_or_a_reason_stays_text():
    tune = Rendering(ATTACK, f"T:{ATTACK}\nK:C\n", {"abc": b""}, {"midi": ATTACK}, ())
    figure = Figure(ATTACK, None, None, ATTACK)
    table = Table(ATTACK, (ATTACK,), ((ATTACK,),), ATTACK)
    html = page(ATTACK, introduction=ATTACK, tunes=[tune], figures=[figure], tables=[table])
    elements = Elements(html)
    assert "<script>alert" not in html
    assert len(elements.named("script")) == 1
    assert elements.texts == [tune.abc]


def test_marks_stand_around_their_characters_and_the_text_stays_whole():
    tune = replace(TUNE, marks=(Mark(0, 1, 'as in "line" 2'), Mark(4, 7, "b")))
    html = page("marks", tunes=[tune])
    first, second = (
        '<mark class="copied" title="as in &#34;line&#34; 2">X</mark>',
        '<mark class="copied" title="b">T:T</mark>',
    )
    assert f"{first}:1\n{second}he Brown" in html
    text = html.split("<pre", 1)[1].split(">", 1)[1].split("</pre>")[0]
    assert re.sub(r"</?mark[^>]*>", "", text) == TUNE.abc


def test_nothing_is_loaded_from_elsewhere():
    html = page("Tunes", tunes=[TUNE, SILENT], figures=[Figure("f", b"<svg/>", None, "c")])
    for tag, attributes in Elements(html).found:
        for name in ("src", "href", "srcset", "data", "poster", "action"):
            address = attributes.get(name, "data:")
            assert address.startswith(("data:", "#")), (tag, name, address)
    assert not re.search(r"(?i)url\(|@import|https?://", html)


def test_the_policy_allows_this_pages_script_and_style_and_nothing_else():
    html = page("Tunes", tunes=[TUNE])
    policy = next(
        meta["content"] for meta in Elements(html).named("meta") if meta.get("http-equiv") == "Content-Security-Policy"
    )
    for tag in ("script", "style"):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", html, flags=re.DOTALL)[1]
        expected = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{expected}'" in policy
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    assert "media-src data:;" in policy
    assert "unsafe" not in policy
    assert not any("style" in attributes for _, attributes in Elements(html).found)


def test_a_tune_is_shown_played_and_saved():
    elements = Elements(page("Tunes", tunes=[TUNE]))
    assert elements.named("img")[0]["src"] == "data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode()
    assert elements.named("audio")[0]["src"] == "data:audio/mpeg;base64," + base64.b64encode(b"ID3").decode()
    assert elements.texts == [TUNE.abc]
    links = {link["download"]: link for link in elements.named("a") if "download" in link}
    stem = "001-the-brown-thorn"
    assert list(links) == [f"{stem}{ending}" for ending in (".abc", ".mid", ".mp3", ".musicxml", ".svg")]
    assert links[f"{stem}.mid"]["href"] == "data:audio/midi;base64," + base64.b64encode(b"MThd").decode()


def test_a_score_and_a_sound_stand_in_the_page_once():
    elements = Elements(page("Tunes", tunes=[TUNE]))
    ids = {attributes["id"] for tag, attributes in elements.found if tag in ("img", "audio")}
    copies = [link["data-copies"] for link in elements.named("a") if "data-copies" in link]
    assert set(copies) == ids == {"tune-1-score", "tune-1-sound"}


def test_wav_plays_where_there_is_no_mp3():
    outputs = {name: content for name, content in TUNE.outputs.items() if name != "mp3"}
    elements = Elements(page("Tunes", tunes=[Rendering("a", "X:1", outputs, {}, ())]))
    assert elements.named("audio")[0]["src"].startswith("data:audio/wav;base64,")
    assert any(link.get("download") == "001-a.wav" for link in elements.named("a"))


def test_what_cannot_be_rendered_is_marked_and_its_text_still_shown():
    html = page("Tunes", tunes=[SILENT])
    assert "Not renderable as music (midi, wav): no key" in html
    assert "Not renderable as music (svg): no notes" in html
    assert Elements(html).texts == [SILENT.abc]
    assert "<audio" not in html
    assert "<img" not in html


def test_figures_and_tables_are_shown_with_their_captions():
    figures = [Figure("Learning", b"<svg/>", b"PNG", "falls"), Figure("Cells", None, b"PNG", "respond")]
    table = Table("Sizes", ("hidden", "bits"), (("128", "1.62"), ("256", "1.55")), "lower is better")
    html = page("Study", introduction="First.\n\nSecond.", figures=figures, tables=[table])
    images = [image["src"] for image in Elements(html).named("img")]
    assert [source.partition(";")[0] for source in images] == ["data:image/svg+xml", "data:image/png"]
    assert "<td>1.55</td>" in html
    assert '<th scope="col">bits</th>' in html
    assert all(caption in html for caption in ("falls", "respond", "lower is better", "<p>Second.</p>"))


def test_the_contents_lead_to_every_part():
    html = page("All", tunes=[TUNE, SILENT], figures=[Figure("f", None, b"P", "c")], tables=[Table("t", (), (), "c")])
    elements = Elements(html)
    targets = {link["href"][1:] for link in elements.named("a") if link.get("href", "").startswith("#")}
    assert targets == {section["id"] for section in elements.named("section")}
    assert targets == {"tune-1", "tune-2", "figure-1", "table-1"}


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("The Brown Thorn", "007-the-brown-thorn"),
        ("Máirín's Café (No. 2)", "007-mairins-cafe-no-2"),
        ("../../etc/passwd", "007-etc-passwd"),
        ("", "007-untitled"),
        ("音楽", "007-untitled"),
        ("x" * 100, "007-" + "x" * 60),
    ],
)
def test_a_file_name_says_what_is_in_the_file(title, stem):
    assert file_stem(7, title) == stem


def test_a_wide_figure_scrolls_in_a_box_of_its_own_and_others_fit_the_page():
    shown = page("p", figures=(Figure("Wide", None, b"png", "", wide=True), Figure("Plot", b"<svg/>", None, "")))
    boxes = re.findall(r'<div class="(wide|plot)" tabindex="0"><img [^>]*alt="(\w+)">', shown)
    assert boxes == [("wide", "Wide"), ("plot", "Plot")]
    style = re.search(r"<style>(.*?)</style>", shown, re.DOTALL)[1]
    assert re.search(r"\.wide, \.plot \{[^}]*overflow-x: auto", style)
    assert re.search(r"\.score \{[^}]*overflow-x: auto", style)


def test_on_paper_there_are_scores_and_nothing_to_click():
    printed = page("Tunes", tunes=[TUNE]).split("@media print", 1)[1].split("</style>", 1)[0]
    assert "nav, audio, button, .downloads, .text { display: none; }" in printed
