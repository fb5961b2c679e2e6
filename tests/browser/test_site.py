"""The public site as people meet it: by keyboard, on a phone, without scripts, read aloud."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import serious

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGES = (
    "/", "/agencies", "/agencies/hn-learn", "/statements", "/statements/hn-growth/2026-H1",
    "/statements/hn-youth/2026-H1", "/statements/hn-harbour/2026-H1", "/lines/guidance",
    "/promises", "/programmes", "/programmes/P-GPU", "/records/HN-0000009", "/records/HN-0000091",
    "/search?q=AI", "/search?q=none-such", "/search?page=abc", "/schemes", "/schemes/hannuri-50",
    "/corrections", "/effects", "/effects/ai-jobs", "/effects/bio-sales", "/effects/robot-jobs",
    "/funds", "/programmes/P-AI", "/downloads", "/verify", "/nowhere",
)  # fmt: skip
WIDTHS = (1200, 390)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}


def opened(browser: Browser, address: str, width: int = 1200, **options: bool) -> Page:
    """A page in a context of its own."""
    size = {"width": width, "height": 900}
    context = browser.new_context(viewport=size, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    return page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_page_when_axe_reads_it_then_nothing_serious_is_wrong_and_nothing_scrolls_sideways(
    reader: Page, site: str, language: str, path: str
) -> None:
    said: list[str] = []
    keep = lambda message: said.append(message.text)  # noqa: E731
    reader.on("console", keep)
    reader.goto(f"{site}/{language}{path}")
    reader.remove_listener("console", keep)
    reader.evaluate("document.querySelectorAll('summary').forEach((each) => each.click())")
    wrong, widths = [], {}
    for width in WIDTHS:
        reader.set_viewport_size({"width": width, "height": 900})
        wrong += [(width, *each) for each in serious(reader, OPTIONS)]
        widths[width] = reader.evaluate("document.documentElement.scrollWidth")

    assert wrong == []
    assert all(shown <= width for width, shown in widths.items())
    assert [text for text in said if "status of 40" not in text] == []


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Page]:
    """One page for all that is read aloud."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_given_only_a_keyboard_when_it_starts_at_the_front_page_then_it_gets_to_a_file(
    browser: Browser, site: str
) -> None:
    page = opened(browser, f"{site}/ko/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"

    reach(page, "nav[aria-label='주 메뉴'] a[href='/ko/downloads']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/ko/downloads")
    reach(page, "a[href='/release/data/records.csv']")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    got = Path(waiting.value.path()).read_bytes()
    shown = page.locator("tr", has=page.locator("a[href='/release/data/records.csv']"))
    expected = shown.locator("td.hash").inner_text()
    page.context.close()

    assert hashlib.sha256(got).hexdigest() == expected


def reach(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, which must be seen on it."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            style = "getComputedStyle(document.activeElement)"
            assert page.evaluate(f"{style}.outlineStyle") == "solid"
            assert page.evaluate(f"parseFloat({style}.outlineWidth)") >= 2
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_given_a_search_when_typed_and_sent_by_keyboard_then_the_lines_and_their_file_come(
    browser: Browser, site: str
) -> None:
    page = opened(browser, f"{site}/ko/")
    reach(page, "#q")
    page.keyboard.type("서울")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ko/search?q=*")
    heading = page.locator("#found").inner_text()
    with page.expect_download() as waiting:
        page.locator("a[href*='search.csv']").press("Enter")
    rows = Path(waiting.value.path()).read_text().splitlines()
    page.context.close()

    assert heading == f"{len(rows) - 1}줄을 찾았습니다" and len(rows) > 20


def test_given_no_scripts_when_the_site_is_used_then_everything_is_there(
    browser: Browser, site: str
) -> None:
    page = opened(browser, f"{site}/en/", java_script_enabled=False)
    assert page.locator("figure svg").first.is_visible()
    assert not page.locator("[data-sizes]").is_visible()
    page.locator("summary").first.click()
    assert page.locator("figure table").first.is_visible()

    page.fill("#q", "robot")
    page.click("form.find button")
    page.select_option("#f-year", "2026")
    page.click(".choices .act")
    address = page.url
    page.click("#found ~ table a >> nth=0")
    heading = page.locator("h1").inner_text()
    page.context.close()

    assert "q=robot" in address and "year=2026" in address and heading


def test_given_the_text_size_control_when_pressed_then_the_text_grows_and_stays_so(
    browser: Browser, site: str
) -> None:
    page = opened(browser, f"{site}/ko/", 390)
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    before = page.evaluate(size)
    for _ in range(5):
        page.click("[data-step='1']")
    grown = page.evaluate(size)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.goto(f"{site}/ko/verify")
    kept = page.evaluate(size)
    page.context.close()

    assert grown == kept == pytest.approx(before * 1.5)
    assert wide <= 390


def test_given_a_korean_page_when_it_is_loaded_then_only_its_own_host_is_asked(
    browser: Browser, site: str
) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/ko/")
    page.wait_for_load_state("networkidle")
    drawn = page.evaluate("document.fonts.check('17px \"Koga Sans\"', '지원')")
    context.close()

    assert [url for url in asked if not url.startswith((site, "data:"))] == []
    assert drawn
    assert 0 < sum(url.endswith(".woff2") for url in asked) < 124
