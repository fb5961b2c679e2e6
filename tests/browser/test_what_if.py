"""The what-if page as a person uses it: sliding, sharing the address, and without scripts."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, _free_port, serious

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PASSWORD = "long enough to pass"
SLIDER = "[name='fund.reinvested_share']"
WAIT = 240_000
"""The first answer of a fresh checkout compiles the engine."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a desk over empty books, with one person who may read."""
    folder = tmp_path_factory.mktemp("desk")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "KOGA_PASSWORD": PASSWORD}
    koga = [sys.executable, "-c", "from koga.cli import main; main()"]
    for words in (["init"], ["user", "add", "reader", "--role", "auditor"]):
        subprocess.run([*koga, *words], cwd=folder, env=environment, check=True,
                       capture_output=True)  # fmt: skip
    port = _free_port()
    server = subprocess.Popen(
        [*koga, "serve", "--port", str(port)], cwd=folder, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def signed_in(browser: Browser, desk: str, **options: object) -> Page:
    context = browser.new_context(locale="en-GB", **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(WAIT)
    for attempt in range(100):
        try:
            page.goto(f"{desk}/desk/what-if/small/")
            break
        except Exception:
            if attempt == 99:
                raise
            page.wait_for_timeout(200)
    page.fill("[name=login]", "reader")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_selector("#answer svg", timeout=WAIT)
    return page


def slide(page: Page, value: str) -> None:
    page.locator(SLIDER).evaluate(
        "(input, value) => { input.value = value;"
        " input.dispatchEvent(new Event('input', {bubbles: true})); }",
        value,
    )


def test_given_a_slider_when_moved_then_answer_and_address_follow_and_can_be_shared(
    browser: Browser, desk: str
) -> None:
    page = signed_in(browser, desk)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    before = page.locator("#answer").inner_text()

    slide(page, "0.9")
    page.wait_for_url(re.compile(r"fund\.reinvested_share=0\.9$"), timeout=WAIT)

    expect(page.locator("#answer[aria-busy]")).to_have_count(0, timeout=WAIT)
    after = page.locator("#answer").inner_text()
    assert after != before and "±" in after
    assert page.locator(f"{SLIDER} ~ p output").inner_text() == "90%"
    assert said == []
    other = page.context.new_page()
    other.goto(page.url)
    assert other.locator("#answer").inner_text() == after
    page.context.close()


def test_given_no_scripts_when_the_form_is_sent_then_the_same_answer_stands_there(
    browser: Browser, desk: str
) -> None:
    page = signed_in(browser, desk, java_script_enabled=False)

    page.click("[data-what-if] button")

    page.wait_for_selector("#answer svg", timeout=WAIT)
    assert page.url.endswith("/desk/what-if/small/")
    page.context.close()


def test_given_the_page_when_axe_reads_it_then_nothing_serious_is_wrong(
    browser: Browser, desk: str
) -> None:
    page = signed_in(browser, desk)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    wrong = []
    for width in (1200, 390):
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [(width, *each) for each in serious(page, {"resultTypes": ["violations"]})]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert wrong == []
    page.context.close()


def test_given_an_answer_when_its_scheme_is_fetched_then_koga_check_passes_it(
    browser: Browser, desk: str, tmp_path: Path
) -> None:
    from koga.plan.schemes import scheme

    page = signed_in(browser, desk)
    page.goto(f"{desk}/desk/what-if/small/?fund.reinvested_share=0.9")

    with page.expect_download() as fetched:
        page.click("a[download]")
    fetched.value.save_as(tmp_path / "asked.toml")

    assert scheme.check((tmp_path / "asked.toml").read_text()) == []
    page.context.close()
