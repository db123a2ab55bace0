"""A Chromium for tests of pages: errors on the console and requests to elsewhere fail the test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: pages are not clicked through")
PATIENCE = 90_000
"""Milliseconds; a busy machine takes seconds to start a browser."""
DESK, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield started
        started.close()


@contextmanager
def visiting(
    browser: Browser,
    address: str,
    *,
    size: dict[str, int] | None = None,
    dark: bool = False,
    allowed: tuple[str, ...] = (),
) -> Iterator[Page]:
    """A page with a memory of its own. allowed: parts of messages that may stand on the console."""
    context = browser.new_context(
        viewport=size or DESK,  # type: ignore[arg-type]
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    errors: list[str] = []

    def look(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not any(part in said.text for part in allowed):
            errors.append(said.text)

    page.on("console", look)
    page.on("pageerror", lambda error: errors.append(str(error)))
    own = (address, f"blob:{address}", "data:")
    page.on("request", lambda sent: None if sent.url.startswith(own) else errors.append(sent.url))
    page.goto(address)
    yield page
    context.close()
    assert not errors, errors
