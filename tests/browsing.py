"""A page of a studio in a browser, watched for what it must not do."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 60_000
"""Milliseconds; a busy machine takes seconds to start a browser."""
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
    """A new visitor's page; at its end it must have said nothing on the console and asked nobody but the studio."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    errors: list[str] = []
    page.add_init_script(COUNT_CLICKS)
    page.on("console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    ours = (address, f"blob:{address}", "data:")
    page.on("request", lambda sent: None if sent.url.startswith(ours) else errors.append(sent.url))
    page.goto(address + path)
    yield page
    context.close()
    assert errors == []
