"""From the shell to the first sound of the studio: `songrnn studio --no-browser`, and a first visit in Chromium.

The browser runs already, with nothing of the studio in it, and goes to the address as soon as it is printed; play is
clicked as soon as it can be. Seconds since the start of the command, until the address is there, the page, the score of
the first composed tune, its sound: medians and extremes of ROUNDS, after one that does not count; all sides take turns.
One JSON line each. Needs Chromium and playwright. A minute.

Run: python benchmarks/first_sound.py [PYTHON...], where each PYTHON is that of another environment to compare with
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from composing_speed import processor, versions

ROUNDS = 5
MARKS = ("address", "page", "score", "sound")
SCORE = ".sheet tune-score svg"
SOUNDS = "() => document.querySelector('tune-player')?.audio?.currentTime > 0"


def main(others: Sequence[str]) -> None:
    """Every side, in turn."""
    pythons = (sys.executable, *others)
    found: dict[str, list[dict[str, float]]] = {python: [] for python in pythons}
    with sync_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        for _ in range(ROUNDS + 1):
            for python in pythons:
                found[python].append(visit(browser, python))
        browser.close()
    for python, rounds in found.items():
        row: dict[str, object] = {"python": python}
        for name in MARKS:
            seconds = [one[name] for one in rounds[1:]]
            row[name] = {"median": statistics.median(seconds), "spread": [min(seconds), max(seconds)]}
        print(json.dumps(row | {"processor": processor(), "versions": versions()}))


def visit(browser: Browser, python: str) -> dict[str, float]:
    """One start of the studio, and one first visit."""
    begin = time.perf_counter()
    with studio(python) as address:
        seconds = {"address": time.perf_counter() - begin}
        page = browser.new_context(bypass_csp=True).new_page()  # for `wait_for_function`
        page.goto(address, wait_until="commit")
        seconds["page"] = time.perf_counter() - begin
        page.locator(SCORE).first.wait_for()
        seconds["score"] = time.perf_counter() - begin
        page.locator("tune-player .play").click()
        page.wait_for_function(SOUNDS, polling=20)
        seconds["sound"] = time.perf_counter() - begin
        page.context.close()
    return {name: round(value, 2) for name, value in seconds.items()}


@contextmanager
def studio(python: str) -> Iterator[str]:
    """The address of a studio of its own, which ends after it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [python, "-m", "songrnn", "studio", "--no-browser", "--port", "0"]
        home = os.environ | {"SONGRNN_DATA": folder}  # an empty tunebook
        started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=home)
        assert started.stderr is not None
        try:
            yield next(line for line in started.stderr if "http://" in line).split()[-1]
        finally:
            started.terminate()
            started.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
