"""The page in a browser, by clicks and keys; skipped where there is no Chromium."""

import re

import pytest
from playwright.sync_api import expect

from browsing import DRAWN, TELEPHONE, needs_chromium, text_of, until, watched
from serving import serving
from songrnn.studio.settings import StudioSettings

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving(StudioSettings(port=0, database=str(tmp_path_factory.mktemp("book") / "t.db"))) as served:
        yield served


@pytest.fixture
def page(browser, address):
    """The first visit, when its tune is there. A refused request is said on the console by the browser itself."""
    with watched(browser, address, allowed=("the server responded with a status of 422",)) as opened:
        expect(opened.locator(".sheet tune-score svg").first).to_be_visible()
        yield opened


def test_a_first_visit_plays_a_tune_and_another_is_composed(page):
    expect(page.locator(".choice")).to_have_count(4)
    assert "T:Composition" in text_of(page)
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".sheet .sounding").first).to_be_visible()
    expect(page.locator("tune-player .time").first).not_to_have_text("0:00")
    page.locator("body").press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()

    before = text_of(page)
    page.get_by_label("Key", exact=True).fill("H")
    page.get_by_role("button", name="Compose", exact=True).click()
    expect(page.locator("#status")).to_contain_text("The key 'H' has no meaning in ABC")
    assert text_of(page) == before
    page.get_by_label("Key", exact=True).fill("Ador")
    page.get_by_role("button", name="Compose", exact=True).click()
    expect(page.locator("#tune-title")).to_have_text("Jig in A dorian")
    until(page, DRAWN)
    page.keyboard.press("Space")  # plays, though Compose was clicked last
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.locator(".choice").first.click()
    page.keyboard.press("Space")  # and though a candidate was
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    first = text_of(page)
    page.locator("body").press("a")
    expect(page.locator("#edit textarea")).not_to_have_value(first)
    assert "K:Ador" in text_of(page)


def test_selected_bars_are_looped_and_rewritten_and_all_others_stay(page):
    before = text_of(page)
    page.locator(".sheet tune-score").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#selection-text")).to_have_text("Bars 2 to 3")
    page.get_by_role("button", name="Loop").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Rewrite", exact=True).click()
    expect(page.locator("#edit textarea")).not_to_have_value(before)
    old, new = (re.split(r"(?<=K:Gmaj\n)", text)[1].split("|") for text in (before, text_of(page)))
    changed = {number for number, (one, other) in enumerate(zip(old, new, strict=True)) if one != other}
    assert changed
    assert changed <= {2, 3}
    page.get_by_role("button", name="Continue from here").click()
    expect(page.locator("#tune-origin")).to_contain_text("Composition")
    assert "|".join(new[:4]) in text_of(page)


def test_what_is_changed_by_hand_is_checked_undone_and_kept(page):
    before = text_of(page)
    page.locator("body").press("e")
    page.locator("#edit textarea").fill("X:1\nT:Mine\nM:4/4\nL:1/4\nK:G\nGABc|GAB|GABc|\n")
    expect(page.locator("#edit .problems")).to_contain_text("Line 6, column 6")
    expect(page.locator("#tune-title")).to_have_text("Tune in G major")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#edit textarea")).to_have_value(before)
    page.get_by_role("button", name="Redo").click()
    expect(page.locator("#edit textarea")).to_have_value(re.compile("T:Mine"))
    page.get_by_role("button", name="Undo").click()
    page.locator("#edit textarea").fill("X:1\nT:Another\nK:G\nGABc|\n")  # at once: a version of its own
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#edit textarea")).to_have_value(before)

    page.locator("#edit textarea").fill("X:1\nT:<img src=x onerror=alert(1)>\nR:<script>\nL:1/8\nK:D\nAd|f2|\n")
    expect(page.locator("#tune-title")).to_have_text("<script> in D major")
    expect(page.locator(".sheet g.measure")).to_have_count(2)
    page.set_viewport_size(TELEPHONE)
    page.reload()
    expect(page.locator("#tune-title")).to_have_text("<script> in D major")
    expect(page.locator(".sheet g.measure")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
