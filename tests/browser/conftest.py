"""The public site behind its real server, and a real headless Chromium in front of it."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.release.sample import build_sample

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def _need_chromium() -> ModuleType:
    place = ROOT / "tests" / "need_chromium.py"
    specification = importlib.util.spec_from_file_location("need_chromium", place)
    module = importlib.util.module_from_spec(specification)  # type: ignore[arg-type]
    specification.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the public site over a release of the fictional city."""
    folder = tmp_path_factory.mktemp("browser")
    release = build_sample(folder / "release", 400)[0]
    port = _free_port()
    serve = "from koga.cli import main; main()"
    server = subprocess.Popen(
        [sys.executable, "-c", serve, "serve", "--public", str(release), "--port", str(port)],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _await(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _await(address: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise AssertionError(f"the site stopped with {server.returncode}")
        try:
            urllib.request.urlopen(f"{address}/ko/effects", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the site did not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; where there is none the test fails with words on what to do."""
    path = _need_chromium().find()
    if path is None:
        pytest.fail("no Chromium: run python tests/need_chromium.py")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


def serious(page: Page, options: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What axe finds seriously wrong on a page: rule, place, what to mend.

    axe is put into a page once, however often and at however many widths it is read.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(Axe().axe_script)
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        (each["id"], each["nodes"][0]["target"], each["nodes"][0]["failureSummary"])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
    ]
