"""A class at its telephones: a round is prepared, answered and closed by clicks; skipped where there is no Chromium."""

import re

from playwright.sync_api import expect

from browsing import TELEPHONE, needs_chromium, watched
from human_tunes import FILE
from serving import serving
from songrnn.studio.settings import StudioSettings

pytestmark = needs_chromium
TOKEN = "evening-class"


def test_a_class_listens_from_its_telephones_and_the_teacher_closes_the_round(browser, tiny_model, tmp_path):
    settings = StudioSettings(
        port=0, checkpoints=(tiny_model,), database=str(tmp_path / "t.db"), host="0.0.0.0", token=TOKEN
    )
    with (
        serving(settings) as address,
        watched(browser, address, f"/listening?token={TOKEN}") as teacher,
    ):
        teacher.locator("#prepare summary").click()
        teacher.select_option("[name=source]", "file")
        teacher.set_input_files(
            "#prepare [name=file]", {"name": "mine.abc", "mimeType": "text/plain", "buffer": FILE.encode()}
        )
        teacher.fill("#prepare [name=pairs]", "2")
        teacher.fill("#prepare [name=title]", "Class <b>7b</b>")
        teacher.get_by_role("button", name="Listen to 2 pairs").click()
        expect(teacher.locator("#round-title")).to_have_text("Class <b>7b</b>")
        teacher.locator("#class > summary").click()
        expect(teacher.locator(".qr")).to_be_visible()
        joining = teacher.locator(".address").inner_text()
        expect(teacher.locator(".qr")).not_to_have_js_property("naturalWidth", 0)
        with watched(browser, address, joining[joining.index("/listening") :], viewport=TELEPHONE) as phone:
            listen_and_answer(phone)
            assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        teacher.locator("#results > summary").click()
        expect(teacher.locator("#figures .lead")).to_have_text(re.compile(r"\d+ % right: \d of 2 answers, 95 % int"))
        expect(teacher.locator("#figures td").first).to_have_text("Nora")
        teacher.get_by_role("button", name="Close the round").click()
        expect(teacher.locator("#figures table").nth(1).locator("td").first).to_have_text(re.compile("^1: .* in "))
        expect(teacher.get_by_role("button", name="Delete the round")).to_be_visible()
        with teacher.expect_download() as saved:
            teacher.locator("#csv").click()
        assert saved.value.path().read_text().count("\n") == 3


def listen_and_answer(phone):
    phone.fill("#join [name=name]", "Nora")
    phone.keyboard.press("Enter")
    expect(phone.locator("#pair-title")).to_have_text(re.compile("^Pair 1 of 2: "))
    expect(phone.locator(".side g.measure").first).to_be_visible()
    phone.keyboard.press("b")
    expect(phone.locator(".side").nth(1).locator(".sounding").first).to_be_visible()
    phone.get_by_role("button", name="Play A").click()
    expect(phone.locator(".side").nth(0).locator(".sounding").first).to_be_visible()
    phone.get_by_role("button", name="A is human").click()
    expect(phone.locator("#pair-title")).to_have_text(re.compile("^Pair 2 of 2: "))
    phone.reload()
    expect(phone.locator("#pair-title")).to_have_text(re.compile("^Pair 2 of 2: "))
    phone.get_by_role("button", name="B is human").click()
    expect(phone.locator("#own-right")).to_have_text(re.compile("^[012] of 2 right$"))
    expect(phone.get_by_role("button", name="Count again")).to_be_visible()
    for name in ("Close the round", "Delete the round"):
        expect(phone.get_by_role("button", name=name)).to_be_hidden()
