"""Jobs in processes: results, failures, crashes, stops, and no orphans."""

import sys
import time

from songrnn.study import pool as pool_module
from songrnn.study.pool import Pool

# A worker that does what its job says, in a few milliseconds.
WORKER = """
import json, os, sys, time
for line in sys.stdin:
    job = json.loads(line)
    if job["do"] == "crash":
        print("out of luck", file=sys.stderr)
        os._exit(3)
    if job["do"] == "wait":
        sys.stdin.read()
        open(job["file"], "w").write("saved")
        break
    print(json.dumps({"fraction": 0.5}), flush=True)
    result = [os.getpid(), os.environ["OMP_NUM_THREADS"]]
    print(json.dumps({"fraction": 1.0, "ended": True, "result": result}), flush=True)
"""
COMMAND = (sys.executable, "-c", WORKER)


def ends(events):
    return {event.job: event for event in events if event.ended}


def test_every_job_ends_once_and_workers_are_kept():
    with Pool(2, COMMAND) as pool:
        events = list(pool.run([{"do": "work"}] * 6))
        again = list(pool.run([{"do": "work"}] * 2))
    assert sorted(event.job for event in events if event.ended) == list(range(6))
    assert sum(event.fraction == 0.5 for event in events) == 6
    assert len({event.result[0] for event in [*ends(events).values(), *ends(again).values()]}) <= 2
    assert all(event.result[1] == "1" for event in ends(events).values())


def test_a_crash_costs_one_job_and_says_how_it_ended():
    with Pool(1, COMMAND) as pool:
        events = ends(pool.run([{"do": "work"}, {"do": "crash"}, {"do": "work"}]))
    assert events[1].failure == "the process ended with exit status 3: out of luck"
    assert events[0].result[0] != events[2].result[0]


def test_a_process_that_cannot_be_started_is_a_failure():
    with Pool(1, ("/nowhere/python",)) as pool:
        assert ends(pool.run([{"do": "work"}]))[0].failure.startswith("no process can be started")


def test_asked_to_stop_it_returns_and_lets_the_workers_save(tmp_path):
    with Pool(1, COMMAND) as pool:
        begun = time.monotonic()
        stop = iter([False, False, True])
        assert list(pool.run([{"do": "wait", "file": str(tmp_path / "saved")}], stop=lambda: next(stop, True))) == []
    assert time.monotonic() - begun < 5
    assert (tmp_path / "saved").read_text() == "saved"


def test_a_worker_that_does_not_end_is_killed(monkeypatch):
    monkeypatch.setattr(pool_module, "SECONDS_TO_SAVE", 0.2)
    deaf = (sys.executable, "-c", "import time; time.sleep(60)")
    begun = time.monotonic()
    with Pool(1, deaf) as pool:
        list(pool.run([{"do": "work"}], stop=lambda: True))
    assert time.monotonic() - begun < 10
