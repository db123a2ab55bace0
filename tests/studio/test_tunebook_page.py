"""The tunebook in a browser: keep, search, star, make a set, delete and undo; skipped where there is no Chromium."""

import io
import zipfile

import pytest
from playwright.sync_api import expect

from browsing import needs_chromium, watched
from serving import serving
from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.records import NewTune
from songrnn.studio.settings import StudioSettings
from tiny import JIG, REEL

pytestmark = needs_chromium


@pytest.fixture
def page(browser, tmp_path, tiny_model):
    """The page of a tunebook with two tunes."""
    archive = Archive.open(tmp_path / "t.db")
    archive.keep(NewTune(abc=JIG, title="<b>One</b>", tags=("session",)))
    archive.keep(NewTune(abc=REEL, title="Two"))
    archive.close()
    settings = StudioSettings(port=0, database=str(tmp_path / "t.db"), checkpoints=(tiny_model,))
    with serving(settings) as address, watched(browser, address, "/tunebook") as opened:
        yield opened


def test_the_tunebook_is_searched_changed_and_restored_by_clicks(page):
    rows = page.locator("#list li")
    expect(rows).to_have_count(2)
    page.fill("[name=words]", "session d major")
    expect(rows).to_have_count(1)
    rows.locator("button").click()
    expect(page.locator("#tune tune-score svg").first).to_be_visible()
    expect(page.locator("#title")).to_have_value("<b>One</b>")
    page.click("#stars [aria-label='3 stars']")
    expect(rows.locator(".starred")).to_have_text("★★★")
    page.fill("#title", "Three")
    page.press("#title", "Tab")
    expect(rows.locator(".name")).to_have_text("Three")
    page.fill("[name=words]", "")
    expect(rows).to_have_count(2)
    for row in (0, 1):
        rows.nth(row).locator("input").check()
    page.click("text=Make a set")
    expect(page.locator("#set-tunes li")).to_have_count(2)
    page.click("#tune [data-action=delete]")
    expect(rows).to_have_count(1)
    page.click("#status >> text=Undo")
    expect(rows).to_have_count(2)
    expect(page.locator("#title")).to_have_value("Three")
    page.set_input_files("#import", {"name": "a.abc", "mimeType": "text/plain", "buffer": b"X:1\nT:x\nhello\n"})
    expect(page.locator("#status")).to_contain_text("Left out: tune 1, x: line 4, column 1: expected the field K:")


def test_an_exported_zip_is_imported_again(page):
    expect(page.locator("#list li")).to_have_count(2)
    page.click("#export-label")
    with page.expect_download() as saved:
        page.click("text=ZIP with score and sound")
    page.set_input_files("#import", saved.value.path())
    expect(page.locator("#status")).to_contain_text("Imported 0 of 2 tunes from ")  # both are there already
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", "")
        archive.writestr("tunes.abc", "X:1\nT:Three\nM:4/4\nL:1/4\nK:D\nDEFG|A4|\n")
    page.set_input_files("#import", {"name": "a.zip", "mimeType": "application/zip", "buffer": other.getvalue()})
    expect(page.locator("#status")).to_contain_text("Imported 1 of 1 tunes from a.zip")
    expect(page.locator("#list li")).to_have_count(3)
    page.set_input_files("#import", {"name": "b.zip", "mimeType": "application/zip", "buffer": b"PK" + bytes(40)})
    expect(page.locator("#status")).to_contain_text("b.zip has no file tunes.abc")
