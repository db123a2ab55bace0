"""axe-core on every page, light and dark, at desk and telephone size; skipped where there is no Chromium."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browsing import DESK, TELEPHONE, needs_chromium, watched
from serving import serving
from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.records import NewTune, SetContent
from songrnn.studio.archive.sets import Sets
from songrnn.studio.settings import StudioSettings
from tiny import JIG, REEL

pytestmark = needs_chromium
AXE = Axe()
SIZES = {"desk": DESK, "telephone": TELEPHONE}
OPEN_EVERYTHING = "for (const one of document.querySelectorAll('details:not(.menu)')) one.open = true"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    database = tmp_path_factory.mktemp("book") / "t.db"
    archive = Archive.open(database)
    tunes = [
        archive.keep(NewTune(abc=abc, title=title, tags=("session",), stars=3)).id
        for abc, title in ((JIG, "One"), (REEL, "Two"))
    ]
    Sets(archive).keep(SetContent(title="Evening", tunes=tuple(tunes)))
    archive.close()
    with serving(StudioSettings(port=0, database=str(database))) as address:
        yield address


def faults(page) -> list[str]:
    """The serious and critical ones that axe-core finds in each size and colour, a line each."""
    return [
        f"{name}, {colours}, {one['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for name, size in SIZES.items()
        for colours in ("light", "dark")
        for one in violations(page, size, colours)
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def violations(page, size, colours):
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=colours)
    return AXE.run(page).response["violations"]


def compose_page(page):
    expect(page.locator(".sheet tune-score svg").first).to_be_visible()
    yield
    page.evaluate(OPEN_EVERYTHING)
    page.locator(".sheet tune-score").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#selection")).to_be_visible()
    page.get_by_text("Sound", exact=True).click()
    yield
    page.get_by_role("button", name="Help").click()
    yield


def tunebook_page(page):
    page.goto(f"{page.url}tunebook")
    page.locator("[name=set]").select_option(index=1)
    expect(page.locator("#set")).to_be_visible()
    page.locator("#list input").first.check()
    yield
    page.set_viewport_size(DESK)
    page.locator("#list button").first.click()
    expect(page.locator("#tune tune-score svg").first).to_be_visible()
    page.evaluate(OPEN_EVERYTHING)
    yield


def listening_page(page):
    page.goto(f"{page.url}listening")
    expect(page.get_by_role("heading", name="Human or machine?")).to_be_visible()
    page.evaluate(OPEN_EVERYTHING)
    yield


@pytest.mark.parametrize("visit", [compose_page, tunebook_page, listening_page])
def test_no_page_has_a_serious_fault(browser, server, visit):
    with watched(browser, server, reduced_motion="reduce") as page:
        found = [fault for _ in visit(page) for fault in faults(page)]
    assert found == []


def test_a_planted_fault_is_found(browser):
    page = browser.new_page()
    page.set_content("<html lang='en'><title>x</title><main><h1>x</h1><button></button></main></html>")
    assert [fault.partition(": ")[0] for fault in faults(page)] == [
        f"{size}, {colours}, button-name" for size in SIZES for colours in ("light", "dark")
    ]
    page.close()
