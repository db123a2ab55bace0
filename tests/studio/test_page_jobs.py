"""What a player does on the page, job by job, in a browser; skipped where there is no Chromium."""

import re

import pytest
from playwright.sync_api import expect

from browsing import TELEPHONE, needs_chromium, text_of, watched
from serving import serving
from songrnn.studio.settings import StudioSettings

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return StudioSettings(port=0, database=str(tmp_path_factory.mktemp("book") / "t.db"))


@pytest.fixture(scope="module")
def server(settings):
    with serving(settings) as address:
        yield address


@pytest.fixture
def page(browser, server):
    with watched(browser, server) as opened:
        expect(opened.locator(".sheet tune-score svg").first).to_be_visible()
        yield opened


def test_what_is_made_from_a_kept_tune_is_kept_as_its_version(page, server):
    keep, status = page.get_by_role("button", name="Keep", exact=True), page.locator("#status")
    page.locator("body").press("k")
    expect(status).to_contain_text("Kept in the tunebook as ")
    title = status.locator("a").inner_text()
    keep.click()
    expect(status).to_contain_text("This is in the tunebook already")
    page.locator("body").press("e")
    page.locator("#edit textarea").fill(text_of(page).replace("M:6/8", "M:12/8"))
    page.reload()
    keep.click()
    expect(status).to_contain_text(f"Kept as version 2 of {title}")
    status.locator("a").click()
    expect(page.locator("#version-count")).to_have_text("2")
    page.get_by_role("link", name="Change it").click()
    expect(page.locator("#tune-origin")).to_have_text(f"{title}.")
    page.locator("body").press("e")
    page.locator("#edit textarea").fill(text_of(page).replace("M:12/8", "M:9/8"))
    keep.click()
    expect(status).to_contain_text(f"Kept as version 3 of {title}")
    status.get_by_role("button", name="Keep it as a tune of its own").click()
    expect(status).to_contain_text("Kept in the tunebook as ")
    tunes = page.request.get(f"{server}/api/tunebook/tunes?order=title").json()["tunes"]
    assert sorted(tune["current"] for tune in tunes) == [1, 2]


def test_like_this_but_fills_the_form_and_a_typed_beginning_is_continued(page):
    page.get_by_role("button", name="Like this, but").click()
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    expect(page.get_by_label("Rhythm", exact=True)).to_have_value(re.compile("jig", re.IGNORECASE))
    expect(page.get_by_label("Meter", exact=True)).to_have_value("6/8")
    page.keyboard.type("Em")
    page.keyboard.press("Enter")
    expect(page.locator("#tune-title")).to_have_text("Jig in E minor")
    page.get_by_text("Begin with notes of your own").click()
    page.get_by_label("The beginning, in ABC notation").fill("|:EFG Bge|")
    expect(page.locator(".prompt tune-score svg").first).to_be_visible()
    page.get_by_role("button", name="Compose", exact=True).click()
    expect(page.locator("#edit textarea")).to_have_value(re.compile(r"\n\|:EFG Bge\|"))


def test_tempo_leaves_the_pitch_and_transposing_moves_all_notes(page):
    page.get_by_text("Practise", exact=True).click()
    page.get_by_label("Tempo").fill("0.5")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("tune-player .time").first).not_to_have_text("0:00")
    audio = page.evaluate_handle("document.querySelector('tune-player').audio")
    assert audio.evaluate("({ playbackRate, preservesPitch }) => [playbackRate, preservesPitch]") == [0.5, True]
    page.get_by_role("button", name="Pause").click()
    before = text_of(page)
    page.get_by_text("Sound", exact=True).click()
    page.get_by_role("button", name="A semitone higher").click()
    expect(page.locator("#tune-title")).to_have_text(re.compile("Jig in [AG]. major"))
    page.get_by_role("button", name="A semitone higher").click()
    expect(page.locator("#tune-title")).to_have_text(re.compile("Jig in A major"))
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
    expect(page.locator("#edit textarea")).to_have_value(before)


def test_a_restart_of_the_server_loses_nothing_that_was_typed(browser, settings, tmp_path):
    settings = settings.model_copy(update={"database": str(tmp_path / "t.db")})
    with serving(settings) as address:
        visit = watched(browser, address, allowed=("net::ERR_",))
        page = visit.__enter__()
        expect(page.locator(".sheet tune-score svg").first).to_be_visible()
    page.get_by_label("Key", exact=True).fill("Bm")
    page.get_by_text("Edit the ABC", exact=True).click()
    page.locator("#edit textarea").fill("X:1\nM:4/4\nL:1/4\nK:D\nDEFG|A4|\n")
    expect(page.locator("#status")).to_contain_text("does not answer")
    with serving(settings.model_copy(update={"port": int(address.rpartition(":")[2])})):
        expect(page.locator("#status")).to_contain_text("answers again")
        expect(page.locator(".sheet g.measure")).to_have_count(2)
        page.reload()
        expect(page.locator("#edit textarea")).to_have_value("X:1\nM:4/4\nL:1/4\nK:D\nDEFG|A4|\n")
        expect(page.get_by_label("Key", exact=True)).to_have_value("Bm")
        page.get_by_role("button", name="Compose", exact=True).click()
        expect(page.locator("#tune-title")).to_contain_text("in B minor")
    visit.__exit__(None, None, None)


def test_another_rhythm_brings_its_meter_and_a_meter_of_ones_own_stays(page):
    rhythm, meter = (page.get_by_label(name, exact=True) for name in ("Rhythm", "Meter"))
    rhythm.fill("reel")
    expect(meter).to_have_value("4/4")
    rhythm.fill("slip jig")
    expect(meter).to_have_value("9/8")
    rhythm.fill("lament")
    expect(meter).to_have_value("")
    meter.fill("3/2")
    rhythm.fill("polka")
    expect(meter).to_have_value("3/2")


def test_on_a_telephone_two_bars_are_touched_and_all_others_written_anew(browser, server):
    with watched(browser, server, viewport=TELEPHONE, has_touch=True) as page:
        expect(page.locator(".sheet tune-score svg").first).to_be_visible()
        before = text_of(page).partition("K:Gmaj\n")[2].split("|")
        for bar in (2, 3):
            ground = page.locator(f".sheet g.measure[data-bar='{bar}'] .ground").first
            ground.scroll_into_view_if_needed()
            box = ground.bounding_box()
            page.touchscreen.tap(box["x"] + box["width"] - 3, box["y"] + 3)
        expect(page.locator("#selection-text")).to_have_text("Bars 2 to 3")
        page.get_by_role("button", name="Rewrite the rest").click()
        expect(page.locator("#tune-origin")).to_have_text("All but bars 2 to 3 rewritten.")
        after = text_of(page).partition("K:Gmaj\n")[2].split("|")
    kept = {place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one == other}
    assert {2, 3} <= kept
    assert len(kept) < len(before) / 2
