"""A page of a studio in a browser, watched for what it must not do."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages are not clicked through")
PATIENCE = 90_000
"""Milliseconds; a busy machine takes seconds to start a browser."""
DESK: ViewportSize = {"width": 1280, "height": 900}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
DRAWN = "document.querySelector('.sheet tune-score').abc === document.querySelector('#edit textarea').value"
"""The score is that of the text: what is selected before is selected in the tune that went."""
COUNT_CLICKS = """
window.clicked = 0;
const made = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.clicked += 1; return made.call(this); };
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, which plays sound without a click."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield started
        started.close()


@contextmanager
def watched(browser: Browser, address: str, path: str = "/", **options: Any) -> Iterator[Page]:
    """A new visitor's page; at its end it must have said nothing on the console and asked nobody but the studio.

    options: of the browser's context; allowed: parts of what it may say.
    """
    allowed: tuple[str, ...] = options.pop("allowed", ())
    context = browser.new_context(**{"viewport": DESK, **options})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    errors: list[str] = []
    page.add_init_script(COUNT_CLICKS)

    def look(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not any(part in said.text for part in allowed):
            errors.append(said.text)

    page.on("console", look)
    page.on("pageerror", lambda error: errors.append(str(error)))
    ours = (address, f"blob:{address}", "data:")
    page.on("request", lambda sent: None if sent.url.startswith(ours) else errors.append(sent.url))
    page.goto(address + path)
    yield page
    context.close()
    assert not errors, errors


def until(page: Page, condition: str) -> None:
    """Wait for a condition in JavaScript; `wait_for_function` needs eval, which the pages' policy forbids."""
    for _ in range(PATIENCE // 100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{condition} has not become true")


def text_of(page: Page) -> str:
    """The ABC in the editor of the compose page."""
    return page.locator("#edit textarea").input_value()
