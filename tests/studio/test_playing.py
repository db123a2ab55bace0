"""Practise, neurons, variation and keyboard in a browser; skipped where there is no Chromium."""

import re

import pytest
from playwright.sync_api import expect

from browsing import DRAWN, needs_chromium, text_of, until, watched
from serving import serving
from songrnn.studio.settings import StudioSettings

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def address(tiny_model, tmp_path_factory):
    database = str(tmp_path_factory.mktemp("book") / "t.db")
    with serving(StudioSettings(port=0, checkpoints=(tiny_model,), database=database)) as served:
        yield served


@pytest.fixture
def page(browser, address):
    with watched(browser, address, allowed=("the server responded with a status of 422",)) as opened:
        expect(opened.locator(".sheet g.measure").first).to_be_visible()
        yield opened


def select_bars(page, *keys):
    page.locator(".sheet tune-score").focus()
    for key in keys:
        page.keyboard.press(key)


def until_held(page, held):
    """Wait for a request that `page.route` has given to `held`."""
    while not held:
        page.wait_for_timeout(20)


def test_practice_clicks_counts_in_and_begins_slower_each_loop_a_step_faster(page):
    page.locator(".practise > summary").click()
    page.check("[name=metronome]")
    page.check("[name=count]")
    page.select_option("[name=start]", "0.5")
    page.select_option("[name=gap]", "1")
    page.locator(".practise > summary").click()
    select_bars(page, "ArrowRight")
    page.keyboard.press("l")
    until(page, "window.clicked >= 2")  # counted in
    expect(page.locator(".sheet .sounding").first).to_be_visible()
    faster = "document.querySelector('tune-player').audio.playbackRate"
    until(page, f"{faster} > 0.5 && {faster} < 1")  # the second time, after a counted rest
    expect(page.locator(".practise > summary")).to_have_text(re.compile(r"^(5[5-9]|[6-9]\d) %$"))
    until(page, "window.clicked >= 5")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    clicked = page.evaluate("window.clicked")
    page.wait_for_timeout(300)
    assert page.evaluate("window.clicked") == clicked


def test_a_note_is_explained_its_neuron_shown_under_the_score_and_ablated(page):
    page.locator("#neurons > summary").click()
    expect(page.locator(".sheet .heat").first).to_be_visible()
    page.locator(".sheet [data-note] .notehead").nth(2).click()
    expect(page.locator(".why h3")).to_have_text(re.compile("^Why “.”\\?$"))
    expect(page.locator(".heat-text .explained")).to_have_count(1)
    assert page.locator("tune-player.playing").count() == 0
    page.get_by_role("button", name="The next character").click()
    expect(page.get_by_role("button", name="The next character")).to_be_focused()
    page.locator(".neuron-row [name=neuron]").fill("7")
    page.locator(".neuron-row [name=neuron]").press("Tab")
    expect(page.locator("tune-insight .caption").first).to_have_text(re.compile("^Neuron 7 of 12"))
    before = text_of(page)
    page.get_by_role("button", name="Compose without it").click()
    expect(page.locator("#edit textarea")).not_to_have_value(before)
    expect(page.locator("#ask-ablate")).to_have_value("7")
    page.locator("#neurons > summary").click()
    expect(page.locator(".sheet .heat")).to_have_count(0)
    held = []
    page.locator("#neurons > summary").click()
    expect(page.locator(".sheet .heat").first).to_be_visible()
    page.route("**/api/neurons/heat*", lambda route: held.append(route))
    page.locator(".neuron-row [name=neuron]").fill("3")
    page.locator(".neuron-row [name=neuron]").press("Tab")
    until_held(page, held)
    page.locator("#neurons > summary").click()  # closed before the answer is there
    with page.expect_response("**/api/neurons/heat*"):
        held[0].continue_()
    page.wait_for_timeout(100)
    expect(page.locator(".sheet .heat")).to_have_count(0)


def test_a_phrase_is_varied_and_the_tune_put_into_another_key_and_meter(page):
    before = text_of(page)
    select_bars(page, "ArrowRight", "ArrowRight")
    page.locator(".vary > summary").click()
    page.get_by_role("button", name="the phrase").click()
    expect(page.locator("#tune-origin")).to_have_text(re.compile(r"^Bars \d to \d varied\.$"))
    varied = text_of(page)
    assert varied != before
    old, new = (text.split("|") for text in (before, varied))
    changed = [place for place, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    assert changed[-1] - changed[0] < 4
    page.locator(".sound > summary").click()
    page.select_option("[name=other_key]", label="A major")
    expect(page.locator("#tune-title")).to_have_text(re.compile("in A major"))
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#edit textarea")).to_have_value(varied)
    page.locator(".sound > summary").click()
    meter = page.get_by_label("Another meter")
    expect(meter).to_have_value("6/8")
    meter.select_option("12/8")
    expect(page.locator("#edit textarea")).to_have_value(re.compile("\nM:12/8\n"))
    expect(page.locator("#tune-origin")).to_have_text("Put into 12/8.")
    meter.select_option("4/4")
    expect(page.locator("#status")).to_contain_text("neither joined nor divided into bars of 4/4")
    expect(meter).to_have_value("12/8")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#edit textarea")).to_have_value(varied)


def test_who_looks_at_nothing_composes_reads_and_changes_a_tune_by_keys(page):
    before = text_of(page)
    page.keyboard.press("c")
    expect(page.locator("#edit textarea")).not_to_have_value(before)
    expect(page.locator("body.busy")).to_have_count(0)
    until(page, DRAWN)
    select_bars(page, "ArrowRight")
    expect(page.locator("#spoken")).to_have_text(re.compile(r"^part A, bar \d+: .*(quarter|eighth|half|sixteenth)"))
    composed = text_of(page)
    page.keyboard.press("v")
    expect(page.locator("#edit textarea")).not_to_have_value(composed)
    expect(page.locator("body.busy")).to_have_count(0)
    until(page, DRAWN)
    page.locator("#words > summary").focus()
    page.keyboard.press("Enter")
    page.locator("tune-words li button").first.press("Enter")
    expect(page.locator("#selection")).to_be_visible()
    select_bars(page, "w")
    expect(page.locator(".why h3")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator("#edit textarea")).to_have_value(composed)
