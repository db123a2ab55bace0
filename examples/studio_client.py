"""Compose over HTTP: tunes from a studio that runs, such as `songrnn studio --no-browser`.

Run: python examples/studio_client.py http://127.0.0.1:7664 reel G
"""

import json
import sys
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


@dataclass(frozen=True)
class Tune:
    """A composed tune. originality: its longest run that a training tune has too, in words."""

    abc: str
    originality: str


class Refused(Exception):
    """The studio composed nothing; the message says why, in one line."""


@dataclass(frozen=True)
class StudioClient:
    """A studio at an address; `token` where it needs one."""

    address: str
    token: str = ""

    def compose(self, count: int = 1, *, seed: int | None = None, **form: str | int | bool) -> list[Tune]:
        """`count` tunes, the best first; form: what `FormSettings` has. Raises Refused."""
        made = self._post("/api/compose", {"count": count, "form": form, "sampling": {"seed": seed}})
        best = [made["tunes"][place] for place in made["best"]]
        return [Tune(tune["abc"], tune["originality"]) for tune in best]

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        try:
            with urlopen(Request(self.address + path, json.dumps(body).encode(), headers)) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise Refused(json.load(error)["detail"]) from error


def main(address: str, rhythm: str, key: str) -> None:
    """Print the better of two tunes."""
    best, *_ = StudioClient(address.rstrip("/")).compose(2, rhythm=rhythm, key=key)
    print(best.abc)
    print(best.originality)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        print("usage: python examples/studio_client.py ADDRESS RHYTHM KEY", file=sys.stderr)
        sys.exit(2)
    main(*sys.argv[1:])
