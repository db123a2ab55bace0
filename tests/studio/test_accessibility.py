"""axe-core on every page, light and dark, at desk and telephone size; skipped where there is no Chromium."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browsing import DESK, TELEPHONE, needs_chromium, watched
from human_tunes import FILE
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


def faults(page, part=None) -> list[str]:
    """The serious and critical ones that axe-core finds in each size and colour, a line each; part: looked at alone."""
    return [
        f"{name}, {colours}, {one['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for name, size in SIZES.items()
        for colours in ("light", "dark")
        for one in violations(page, size, colours, part)
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def violations(page, size, colours, part):
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=colours)
    return AXE.run(page, context=part).response["violations"]


def compose_page(page):
    expect(page.locator(".sheet tune-score svg").first).to_be_visible()
    yield
    page.evaluate(OPEN_EVERYTHING)
    page.locator(".sheet tune-score").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#selection")).to_be_visible()
    page.locator(".sheet [data-note] .notehead").first.click()
    expect(page.locator(".why h3")).to_be_visible()
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
    page.goto(f"{page.url}#{round_code(page)}")
    page.reload()
    page.locator("#join button").click()
    expect(page.locator(".side tune-score > svg")).to_have_count(2)
    page.evaluate(OPEN_EVERYTHING)
    expect(page.locator("#joining")).not_to_be_empty()
    expect(page.locator("#figures")).not_to_be_empty()
    yield


def round_code(page):
    address = page.url.replace("/listening", "/api/listening/rounds")
    made = page.request.post(address, data={"source": "file", "file": FILE, "pairs": 1})
    return made.json()["code"]


@pytest.mark.parametrize("visit", [compose_page, tunebook_page, listening_page])
def test_no_page_has_a_serious_fault(browser, server, visit):
    with watched(browser, server, reduced_motion="reduce") as page:
        found = [fault for _ in visit(page) for fault in faults(page)]
    assert found == []


@pytest.mark.parametrize("path", ["", "/tunebook"])
def test_no_dialog_and_no_menu_has_a_serious_fault(browser, server, path):
    found, seen = [], []
    with watched(browser, server, path or "/", reduced_motion="reduce") as page:
        if path:
            page.locator("#list button").first.click()
        expect(page.locator(".sheet tune-score svg").first).to_be_visible()
        page.locator(".sheet tune-score").focus()
        page.keyboard.press("ArrowRight")
        for menu in page.locator("details.menu").all():
            page.set_viewport_size(DESK)
            menu.locator("summary").click()
            expect(menu).to_have_attribute("open", "")
            seen.append(menu.locator("summary").inner_text())
            found += faults(page, "details.menu[open]")
        page.keyboard.press("Escape")
        expect(page.locator("details.menu[open]")).to_have_count(0)
        if not path:
            page.get_by_role("button", name="Help").click()
            expect(page.locator("dialog")).to_be_visible()
            found += faults(page)
    assert found == []
    assert set(seen) == ({"Export all", "Save", "Practise", "Sound"} if path else {"Save", "Vary", "Practise", "Sound"})


def test_a_planted_fault_is_found(browser):
    page = browser.new_page()
    page.set_content("<html lang='en'><title>x</title><main><h1>x</h1><button></button></main></html>")
    assert [fault.partition(": ")[0] for fault in faults(page)] == [
        f"{size}, {colours}, button-name" for size in SIZES for colours in ("light", "dark")
    ]
    page.close()
