"""The studio under load: CLIENTS that compose all the time, while pages are asked for; and the library alone.

One `songrnn studio` with its usual settings, on loopback. Each client asks for a tune (server-sent events, its own
seed), and for the next when that is whole. Meanwhile a page and /health are asked for every half second. Before and
after it the same requests are composed in a process without a server, with all that the server says of a tune. One
JSON line:

- first_seconds, whole_seconds: median and 99th percentile, until the first byte of the tune has come, and until the
  answer has ended. A tune is sent when it is finished, so the two are close.
- start_cpu_seconds: processor time until the studio has answered for the first time.
- page_seconds: median and the longest.
- memory_mb: of the server's process, after its first tunes, and at the end.
- server_share: (C - L) / C, of the processor time for each tune: C of the server's process, L of the library alone.

Ends with status 1 if a request failed. Linux only (/proc).
Run: python benchmarks/studio_load.py [SECONDS] [CLIENTS]
"""

import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from composing_speed import processor, versions

SECONDS, CLIENTS = 60.0, 100
ALONE_TUNES = 150
WARM_SECONDS = 3.0
ALONE = """
import sys, time
from pathlib import Path
from songrnn.composing.composer import Composer
from songrnn.composing.request import Request
from songrnn.engines.settings import SamplingSettings
from songrnn.studio.compose import _composed
composer = Composer(Path("folk"))
def tune(seed):
    request = Request(sampling=SamplingSettings(seed=seed))
    return [_composed(made, request).model_dump_json() for made in composer.compose_request(request)]
for seed in range(10):
    tune(seed)
begun = time.process_time()
for seed in range(int(sys.argv[1])):
    tune(seed)
print((time.process_time() - begun) / int(sys.argv[1]))
"""


@dataclass
class Seen:
    """What the clients saw; times in seconds."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> int:
    """Measure; the exit status."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    clients = int(sys.argv[2]) if len(sys.argv) > 2 else CLIENTS
    alone = [library_alone()]
    with studio() as (process, port):
        asyncio.run(answered(port, "GET /health HTTP/1.1", ""))
        start = cpu_seconds(process)
        asyncio.run(load(port, WARM_SECONDS, clients, Seen()))
        seen, memory, cpu, begun = Seen(), memory_mb(process), cpu_seconds(process), time.perf_counter()
        asyncio.run(load(port, seconds, clients, seen))
        cpu, wall = cpu_seconds(process) - cpu, time.perf_counter() - begun
        memory = [*memory, *memory_mb(process)]
    alone.append(library_alone())
    of_server, of_library = cpu / len(seen.whole), statistics.mean(alone)
    row = {
        "name": f"{clients} clients composing for {seconds:g} s",
        "start_cpu_seconds": round(start, 2),
        "tunes": len(seen.whole),
        "tunes_a_second": round(len(seen.whole) / wall, 1),
        "errors": len(seen.errors),
        "first_seconds": median_and_99(seen.first),
        "whole_seconds": median_and_99(seen.whole),
        "pages": len(seen.pages),
        "page_seconds": [round(statistics.median(seen.pages), 3), round(max(seen.pages), 3)],
        "memory_mb": memory,
        "cpu_ms_a_tune": {"server": round(1000 * of_server, 2), "library": [round(1000 * one, 2) for one in alone]},
        "server_share": round((of_server - of_library) / of_server, 3),
        "processor": processor(),
        "versions": versions(),
    }
    print(json.dumps(row))
    for error in sorted(set(seen.errors))[:5]:
        print(error, file=sys.stderr)
    return 1 if seen.errors else 0


@contextlib.contextmanager
def studio() -> Iterator[tuple[int, int]]:
    """A studio of its own: its process and its port."""
    command = [str(Path(sys.executable).with_name("songrnn")), "studio", "--port", "0", "--no-browser"]
    with tempfile.TemporaryDirectory() as folder:
        variables = os.environ | {"SONGRNN_DATA": folder}
        with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            found = re.search(r"127\.0\.0\.1:(\d+)", process.stderr.readline())
            assert found is not None
            yield process.pid, int(found[1])
            process.terminate()


async def load(port: int, seconds: float, clients: int, seen: Seen) -> None:
    """All clients until the time is over; requests that have begun then are finished."""
    end = time.perf_counter() + seconds
    await asyncio.gather(
        *(composing(port, client, end, seen) for client in range(clients)),
        *(asking(port, path, end, seen) for path in ("/", "/health")),
    )


async def composing(port: int, client: int, end: float, seen: Seen) -> None:
    """One client: a tune after another."""
    number = 0
    while time.perf_counter() < end:
        body = json.dumps({"sampling": {"seed": 1_000_000 * client + number}})
        number += 1
        begun = time.perf_counter()
        first, answer = await answered(port, f"POST /api/compose/events HTTP/1.1\r\nContent-Length: {len(body)}", body)
        if first is None or b"event: end" not in answer:
            seen.errors.append(answer[:300].decode("utf-8", "replace") or "no answer")
            continue
        seen.first.append(first - begun)
        seen.whole.append(time.perf_counter() - begun)


async def asking(port: int, path: str, end: float, seen: Seen) -> None:
    """One client that asks for a page every half second."""
    while time.perf_counter() < end:
        begun = time.perf_counter()
        _, answer = await answered(port, f"GET {path} HTTP/1.1", "")
        if not answer.startswith(b"HTTP/1.1 200"):
            seen.errors.append(f"{path}: {answer[:100]!r}")
        seen.pages.append(time.perf_counter() - begun)
        await asyncio.sleep(0.5)


async def answered(port: int, head: str, body: str) -> tuple[float | None, bytes]:
    """When the first tune began to come (None: never), and the whole answer."""
    answer, first = b"", None
    try:
        reading, writing = await asyncio.open_connection("127.0.0.1", port)
        kind = "Content-Type: application/json"
        writing.write(f"{head}\r\nHost: 127.0.0.1\r\n{kind}\r\nConnection: close\r\n\r\n{body}".encode())
        while more := await reading.read(65_536):
            answer += more
            if first is None and b"event: tune" in answer:
                first = time.perf_counter()
        writing.close()
        await writing.wait_closed()
    except OSError as error:
        return None, str(error).encode()
    return first, answer


def library_alone() -> float:
    """Processor seconds for each tune, without a server."""
    done = subprocess.run([sys.executable, "-c", ALONE, str(ALONE_TUNES)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def cpu_seconds(process: int) -> float:
    """That a process has used until now, with all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(process: int) -> list[int]:
    """Resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text("ascii"))
    assert found is not None
    return [round(int(found[1]) / 1024)]


def median_and_99(values: list[float]) -> list[float]:
    """In seconds."""
    return [round(statistics.median(values), 3), round(statistics.quantiles(values, n=100)[98], 3)]


if __name__ == "__main__":
    sys.exit(main())
