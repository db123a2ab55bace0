"""The page of neurons in a browser: choosing, playing, keyboard, and nothing from the network."""

import pytest
from playwright.sync_api import expect

from browsing import DESK, TELEPHONE, chromium, needs_chromium, until
from planted import PITCH, SIZE, planted_network, tunes
from songrnn.engines.settings import FULL_PRECISION
from songrnn.neurons.viewer.build import PageRequest, neuron_page
from songrnn.neurons.viewer.content import Shown

pytestmark = needs_chromium


def request_for(quantity="hidden", ablated=2, directions=("pitch", "tie", "contour")):
    return PageRequest(Shown(1, quantity), 4, ablated, 0, FULL_PRECISION, directions)


def quietly(items, title, count):
    return items


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The page of the planted network, as a file."""
    texts = tunes()
    made = neuron_page(planted_network(texts), texts, request_for(), name="planted", progress=quietly)
    path = tmp_path_factory.mktemp("page") / "neurons.html"
    path.write_text(made.html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(params=[DESK])
def page(browser, address, request):
    """The page, drawn; in the end nothing was loaded from elsewhere and no error was reported."""
    page = browser.new_page(viewport=request.param)
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda one: faults.append(one.url) if not one.url.startswith(("file:", "data:")) else None)
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    yield page
    assert faults == []
    page.close()


def test_the_neuron_that_follows_the_pitch_is_found_and_shown(page):
    page.fill("#search", "pitch")
    expect(page.locator("#name")).to_have_text(f"Neuron {PITCH}")
    expect(page.locator("#sentence")).to_contain_text("follows pitch (Spearman")
    assert page.locator("#response circle").count() > 3
    assert page.locator("#raises rect").count() > 3
    page.fill("#search", "")
    expect(page.locator("#neurons [role=option]")).to_have_count(SIZE)
    page.locator("#n0").click()
    expect(page.locator("#name")).to_have_text("Neuron 0")


@pytest.mark.parametrize("page", [DESK, TELEPHONE], ids=["desk", "telephone"], indirect=True)
def test_nothing_is_wider_than_the_screen(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_concept_in_the_table_leads_to_its_best_neuron(page):
    page.locator("tr[data-concept=pitch] button").click()
    expect(page.locator("#name")).to_have_text(f"Neuron {PITCH}")


def test_keys_choose_neurons_and_tunes_and_characters(page):
    chosen = page.locator("#neurons [aria-selected]")
    first = chosen.get_attribute("id")
    page.keyboard.press("ArrowDown")
    expect(chosen).not_to_have_id(first)
    page.keyboard.press("ArrowUp")
    expect(chosen).to_have_id(first)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tune")).to_have_value("1")
    page.keyboard.press("]")
    page.keyboard.press("]")
    expect(page.locator("#why h4").first).to_have_text("Why “:”?")
    page.keyboard.press("[")
    expect(page.locator("#why h4").first).to_have_text("Why “M”?")
    page.keyboard.press("/")
    page.keyboard.type("pitch")
    page.keyboard.press("Escape")
    expect(page.locator("#name")).to_have_text(f"Neuron {PITCH}")


def test_a_character_is_explained_when_it_is_clicked_on(page):
    page.locator("#grid span").nth(30).click()
    expect(page.locator("#why")).to_contain_text("The network gave it")
    expect(page.locator("#why svg")).to_have_count(3)


def test_a_tune_plays_in_step_with_the_score_and_stops(page):
    page.locator("#sheet img").wait_for()
    page.keyboard.press(" ")
    page.wait_for_selector("#grid .sounding")
    first = page.locator("#grid .sounding").get_attribute("data-place")
    page.wait_for_selector(f"#grid .sounding:not([data-place='{first}'])")
    expect(page.locator("#play")).to_have_text("Stop")
    page.keyboard.press(" ")
    expect(page.locator("#play")).to_have_text("Play")
    expect(page.locator("#grid .sounding")).to_have_count(0)


def test_bars_and_tunes_with_and_without_the_neuron_are_engraved(page):
    page.fill("#search", "pitch")
    page.locator("#bars img").nth(5).wait_for()
    page.locator("#absence .side img").nth(1).wait_for()
    until(page, "[...document.images].every((one) => one.complete && one.naturalWidth > 0)")


def test_directions_are_taken_out_and_steered_along(page):
    assert page.locator("#directed h3").all_text_contents() == ["Pitch", "Contour"]  # there is no tie in these tunes
    pitch, contour = page.locator("#directed > .card").all()
    assert pitch.locator("polyline").count() == 1
    assert pitch.locator("tbody tr").count() == 5
    assert pitch.locator("tbody tr").first.locator("td").all_text_contents()[0] == "−2"
    assert contour.locator("polyline").count() == 0  # classes have no direction
    assert contour.locator("rect").count() >= 1


def test_a_gate_is_shown_from_0_to_1_without_effects_on_the_output(browser, tmp_path):
    from tiny import make_checkpoint

    texts = tunes(14)
    checkpoint = make_checkpoint("lstm", texts=tuple(texts))
    made = neuron_page(checkpoint, texts, request_for("forget_gate", 0, ()), name="random", progress=quietly)
    path = tmp_path / "gate.html"
    path.write_text(made.html, encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#scale").text_content() == "01"
    assert "Only the hidden state" in page.locator("#raising").text_content()
    page.close()
