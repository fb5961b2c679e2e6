"""Kernels are compiled once, told of, by one thread of one process; they stay in their arrays."""

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from koga.plan import simulation
from koga.plan.engine import compiled
from koga.plan.outcome import Outcome
from koga.plan.schemes import scheme

SMALL = Path(__file__).parents[2] / "schemes" / "small.toml"


def test_given_an_empty_folder_when_asked_then_the_first_run_is_told_and_the_next_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(compiled, "CACHE", tmp_path)
    with caplog.at_level(logging.WARNING):
        compiled.tell()
    assert len(caplog.messages) == 1
    assert "번역합니다" in caplog.messages[0] and "compiles" in caplog.messages[0]

    (tmp_path / "plan_1").mkdir()
    (tmp_path / "plan_1" / "fast._paths-84.py311.nbi").touch()
    compiled.tell()

    assert len(caplog.messages) == 1


def test_given_a_folder_that_cannot_be_made_when_run_then_machine_code_is_kept_as_long_as_it_lasts(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    code = (
        "from koga.plan.engine import compiled\n"
        "with compiled.alone():\n    print(compiled.CACHE, (compiled.CACHE / 'lock').exists())"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "cache")},
    )  # fmt: skip

    folder, there = ran.stdout.split()
    assert there == "True" and not Path(folder).exists()


def test_given_a_process_that_compiles_when_another_starts_then_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fcntl")
    monkeypatch.setattr(compiled, "CACHE", tmp_path)
    code = (
        "from koga.plan.engine import compiled\nprint('asks', flush=True)\n"
        "with compiled.alone():\n    print('in', flush=True)"
    )
    with compiled.alone():
        other = subprocess.Popen(
            [sys.executable, "-c", code], env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert other.stdout is not None and other.stdout.readline() == "asks\n"
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(timeout=1)
    out, _ = other.communicate(timeout=60)

    assert (other.returncode, out) == (0, "in\n")


@pytest.mark.parametrize("engine", ["exact", "fast"])
def test_given_two_workers_when_nothing_ran_yet_then_one_thread_runs_every_engine_first(
    engine: simulation.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, bool]] = []
    run = simulation.Job.run

    def watched(job: simulation.Job, first: int, count: int) -> Outcome:
        ran.append((job.engine, threading.current_thread() is threading.main_thread()))
        return run(job, first, count)

    monkeypatch.setattr(simulation.Job, "run", watched)
    monkeypatch.setattr(simulation, "_WARM", set())
    simulation.simulate(scheme.load(SMALL), paths=300, seed=1, engine=engine, workers=2)

    first = {each: ran.index((each, True)) for each, _ in ran if each != "reference"}
    assert len(first) == (2 if engine == "exact" else 1)
    assert all(not here for _, here in ran[len(first) :])


def test_given_kernels_run_as_plain_python_when_arrays_end_then_no_place_beyond_is_read() -> None:
    """Compiled code checks no bounds; uncompiled it does, at the upper end of every array."""
    code = (
        "from tests.plan import deals_by_hand as by_hand\n"
        "from koga.plan.engine import exact, fast\n"
        "for quarters in (9, 16):\n"
        "    model = by_hand.model(by_hand.ALL, vintages=6, quarters=quarters, deals=3)\n"
        "    fast.flows(model, seed=1, first=0, paths=2)\n"
        "    exact.flows(model, seed=1, first=0, paths=2)\n"
        "    fast.expected(model)\n"
    )
    env = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=env, capture_output=True, text=True,
        check=False, cwd=SMALL.parents[1],
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr[-2000:]
