"""The sheet of a simulation in a browser: nothing runs off, errors stand beside their numbers."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from koga.documents import futures_sheet, sheet
from koga.figures import futures
from tests.plan.futures_sample import sample

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
OPEN = "document.querySelectorAll('details').forEach(each => each.open = true)"
PLACES = """[...document.querySelectorAll('td.error')].map(each => {
  const [own, number] = [each, each.previousElementSibling].map(it => it.getBoundingClientRect());
  return [own.top - number.top, own.left - number.right]})"""


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [390, 800, 1200])
def test_given_a_sheet_when_read_at_any_width_then_it_fits_and_errors_stand_beside_numbers(
    root: Path, browser: Browser, width: int, language: str
) -> None:
    result = sample(root, engine="fast")
    drawn = [figure for _, figure in futures.all_of(result, language)]
    page = browser.new_page(viewport={"width": width, "height": 900})

    page.set_content(sheet.html(futures_sheet.sheet(result, drawn, language)))
    page.evaluate(OPEN)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    places = page.evaluate(PLACES)
    assert len(places) > 100
    assert all(abs(down) < 2 and aside > -1 for down, aside in places)
    page.close()
