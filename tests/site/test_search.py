"""The index finds exactly what a plain scan finds, counts and sums exactly, and is built whole."""

import csv
import io
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.core.problems import Refusal
from koga.site import index, search, spelling
from koga.site.edition import Edition, open_edition
from tests.release.sample import build_sample
from tests.site.conftest import RECORDS, Answer


def scan(edition: Edition, query: str) -> set[str]:
    """Record ids by looking into every text, one row after the other."""
    found = set()
    for row in edition.release.rows("records"):
        agency, programme = edition.agencies[row["agency"]], edition.programmes[row["programme"]]
        texts = [row["record"], row["title"], row["recipient"], row["source_number"],
                 agency["name_ko"], agency["name_en"],
                 programme["name_ko"], programme["name_en"]]  # fmt: skip
        folded = [spelling.fold(text) for text in texts if text]
        if all(any(term in text for text in folded) for term in spelling.fold(query).split()):
            found.add(row["record"])
    return found


def asked(edition: Edition, **parameters: str) -> set[str]:
    query = search.read(parameters, edition)
    return {edition.index.row(int(place))["record"] for place in search.every_place(edition, query)}


@pytest.mark.parametrize(
    "query",
    ["서울", "펀드", "AI", "청", "ai 실증", "GPU 나눔", "robots", "=", "“따옴표”", "1차",
     "HN-000000", "2025-000007", "(주)", "한누리 없는말", "%", "_",
     "\"", "*", "AND", "서울 서울", "", "  "],
)  # fmt: skip
def test_given_a_query_when_searched_then_it_finds_what_a_plain_scan_finds(
    edition: Edition, query: str
) -> None:
    assert asked(edition, q=query) == scan(edition, query)


def test_given_the_queries_of_people_when_searched_then_they_find_something(
    edition: Edition,
) -> None:
    assert all(asked(edition, q=query) for query in ("서울", "펀드", "AI", "청"))


@settings(max_examples=60, deadline=None)
@given(drawn=st.data())
def test_given_any_piece_of_any_text_when_searched_then_it_finds_what_a_plain_scan_finds(
    edition: Edition, drawn: st.DataObject
) -> None:
    row = edition.index.row(drawn.draw(st.integers(0, RECORDS - 1)))
    text = drawn.draw(st.sampled_from([row["title"], row["record"], row["recipient"] or "개인"]))
    start = drawn.draw(st.integers(0, len(text) - 1))
    piece = text[start : start + drawn.draw(st.integers(1, 9))]
    query = piece + drawn.draw(st.sampled_from(["", " AI", "청", "x"]))

    assert asked(edition, q=query) == scan(edition, query)


@given(words=st.lists(st.text(max_size=12), max_size=4), term=st.text(min_size=1, max_size=4))
def test_given_any_texts_when_spelled_then_a_phrase_matches_as_a_substring_does(
    words: list[str], term: str
) -> None:
    term = spelling.fold(term)
    units = [word for text in words for word in spelling.fold(text).split()]
    if not term.strip() or len(term.split()) != 1 or any("\ud800" <= s <= "\udfff" for s in term):
        return
    tokens, singles = spelling.spell(words)
    wanted = spelling.pairs(term)
    phrase = f" {' '.join(wanted)} " in f" {tokens} " if wanted else term.encode(
        "utf-16-be").hex() in singles.split()  # fmt: skip

    assert phrase == any(term in word for word in units)


def test_given_a_facet_when_counted_then_it_is_the_count_of_the_plain_rows(
    edition: Edition,
) -> None:
    rows = list(edition.release.rows("records"))
    query = search.read({"agency": "hn-growth", "year": "2026"}, edition)
    choices = search.choices(edition, query)

    years = Counter(str(row["fiscal_year"]) for row in rows if row["agency"] == "hn-growth")
    agencies = Counter(row["agency"] for row in rows if row["fiscal_year"] == 2026)
    both = Counter(
        row["programme"]
        for row in rows
        if row["fiscal_year"] == 2026 and row["agency"] == "hn-growth"
    )
    assert {each.value: each.count for each in choices["year"]} == years
    assert {each.value: each.count for each in choices["agency"]} == agencies
    assert {each.value: each.count for each in choices["programme"]} == both


def test_given_matches_when_summed_then_units_stay_apart_and_children_stay_out(
    edition: Edition,
) -> None:
    expected: dict[str, int] = defaultdict(int)
    for row in edition.release.rows("records"):
        if row["counts_in_total"]:
            expected[row["unit"]] += row["amount"]
    found = search.find(edition, search.read({}, edition))

    assert {each.unit: each.amount for each in found.sums} == expected
    totals = edition.release.manifest.totals_of("records")
    assert {each.unit: each.amount for each in found.sums} == {t.unit: t.sum for t in totals}


@pytest.mark.parametrize("sort", index.SORTS)
def test_given_an_order_when_pages_are_turned_then_every_row_comes_once_in_that_order(
    edition: Edition, sort: str
) -> None:
    places: list[int] = []
    for page in range(1, RECORDS // search.PAGE_ROWS + 1):
        query = search.read({"sort": sort, "page": str(page)}, edition)
        places += search.find(edition, query).places
    rows = [edition.index.row(place) for place in places]

    assert sorted(places) == list(range(RECORDS))
    if sort in ("newest", "oldest"):
        days = [row["awarded_on"] for row in rows]
        assert days == sorted(days, reverse=sort == "newest")
    if sort in ("largest", "smallest"):
        won = [row["amount"] for row in rows if row["unit"] == "KRW"]
        assert won == sorted(won, reverse=sort == "largest")
        assert [row["unit"] for row in rows[: len(won)]] == ["KRW"] * len(won)


@pytest.mark.parametrize(
    ("parameters", "codes"),
    [
        ({"page": "abc"}, ["site.page"]),
        ({"page": "0"}, ["site.page"]),
        ({"page": "-1"}, ["site.page"]),
        ({"page": "１"}, ["site.page"]),
        ({"page": "9" * 40}, ["site.page"]),
        ({"agency": "nobody"}, ["site.unknown_value"]),
        ({"sort": "beauty"}, ["site.sort"]),
        ({"q": "가" * 5000}, ["site.query_long"]),
        ({"q": " ".join("가나다라마바사아자차카타파")}, ["site.query_terms"]),
        ({"q": "a\x00b"}, ["site.query_unreadable"]),
        ({"q": "\ud800"}, ["site.query_unreadable"]),
        ({"period": "2026-H9"}, ["dates.period"]),
        ({"unit": "BTC", "year": "x", "page": "y"},
         ["site.unknown_value", "site.unknown_value", "site.page"]),
    ],
)  # fmt: skip
def test_given_bad_parameters_when_read_then_every_problem_is_named(
    edition: Edition, parameters: dict[str, str], codes: list[str]
) -> None:
    with pytest.raises(Refusal) as refused:
        search.read(parameters, edition)

    found = [problem.code for problem in refused.value.problems]
    assert sorted(found) == sorted(codes)
    assert all(problem.message(language) for problem in refused.value.problems
               for language in ("ko", "en"))  # fmt: skip


def test_given_a_page_beyond_the_last_when_asked_then_it_is_refused(edition: Edition) -> None:
    query = search.read({"q": "서울", "page": "999"}, edition)
    with pytest.raises(Refusal) as refused:
        search.find(edition, query)

    assert refused.value.problems[0].code == "site.page_beyond"


@pytest.mark.parametrize("query", ["", "?q=AI&sort=largest", "?q=%EC%84%9C%EC%9A%B8&year=2026"])
def test_given_a_search_when_downloaded_then_the_file_holds_exactly_what_the_pages_show(
    visit: Callable[..., Answer], query: str
) -> None:
    import re

    rows = list(csv.DictReader(io.StringIO(visit(f"/ko/search.csv{query}").text)))
    shown: list[str] = []
    for page in range(1, -(-len(rows) // search.PAGE_ROWS) + 1):
        joint = "&" if query else "?"
        text = visit(f"/ko/search{query}{joint}page={page}").text
        shown += re.findall(r'<a href="/ko/records/([^"]+)">', text)

    assert rows and [row["record"] for row in rows] == shown


def test_given_the_whole_search_when_downloaded_then_it_is_the_table_of_the_release(
    visit: Callable[..., Answer], release: Path
) -> None:
    signed = (release / "data" / "records.csv").read_text().splitlines()
    given = visit("/en/search.csv").text.splitlines()

    assert given[0] == signed[0]
    assert sorted(given[1:]) == sorted(signed[1:])


def test_given_a_finished_index_when_the_release_is_opened_again_then_it_is_not_rebuilt(
    release: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    first = open_edition(release, cache)
    mark = (first.index.folder / "words.sqlite3").stat().st_mtime_ns
    second = open_edition(release, cache)

    assert (second.index.folder / "words.sqlite3").stat().st_mtime_ns == mark
    assert sorted(path.name for path in cache.iterdir()) == [first.index.folder.name]


def test_given_a_build_that_breaks_off_when_opened_again_then_nothing_half_is_used(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setattr(index._Gathered, "write", lambda self, folder: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        open_edition(release, cache)
    monkeypatch.undo()

    assert list(cache.iterdir()) == []
    assert open_edition(release, cache).index.size == RECORDS


def test_given_a_damaged_release_when_opened_then_the_file_is_named(
    release: Path, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(release, tmp_path / "copied"))
    place = copied / "data" / "due.csv"
    place.write_bytes(place.read_bytes().replace(b"2026", b"2027", 1))
    with pytest.raises(Refusal) as refused:
        open_edition(copied, tmp_path / "cache")

    assert refused.value.problems[0].where == "data/due.csv"


def test_given_a_release_without_records_when_opened_then_search_finds_nothing(
    tmp_path: Path,
) -> None:
    folder = build_sample(tmp_path / "release", 0)[0]
    edition = open_edition(folder, tmp_path / "cache")
    found = search.find(edition, search.read({"q": "AI"}, edition))

    assert (found.count, list(found.places), list(found.sums)) == (0, [], [])
