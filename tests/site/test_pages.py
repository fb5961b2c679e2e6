"""Every page of a release in both languages: what it shows, how it answers, what it never does."""

import hashlib
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from koga.site import front, telling
from koga.site.edition import Edition
from tests.site.conftest import Answer

Visit = Callable[..., Answer]
PAGES = (
    "/", "/agencies", "/agencies/hn-learn", "/agencies/hn-harbour", "/statements",
    "/statements/hn-growth/2026-H1", "/statements/hn-youth/2026-H1",
    "/statements/hn-harbour/2026-H1", "/lines/guidance", "/promises", "/programmes",
    "/programmes/P-GPU", "/records/HN-0000009", "/records/HN-0000091", "/search",
    "/search?q=%EC%84%9C%EC%9A%B8&agency=hn-ai", "/search?q=nothing-of-this-kind", "/schemes",
    "/schemes/hannuri-50", "/corrections", "/effects", "/effects/ai-jobs", "/effects/bio-sales",
    "/effects/robot-jobs", "/funds", "/programmes/P-AI", "/downloads", "/verify",
)  # fmt: skip
BOTH = [f"/{language}{page}" for page in PAGES for language in ("ko", "en")]


class Outline(HTMLParser):
    """What of a page a test looks at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.tables = self.captions = self.images = 0
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.links += [named[key] or "" for key in ("href", "src", "action") if key in named]
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(tag)
        self.inline += [key for key in named if key == "style" or key.startswith("on")]
        if named.get("id"):
            self.ids.append(str(named["id"]))
        if tag == "html":
            self.language = named.get("lang") or ""
        self.tables += tag == "table"
        self.captions += tag == "caption"


@pytest.mark.parametrize("path", BOTH)
def test_given_a_page_when_asked_for_then_it_is_well_made(visit: Visit, path: str) -> None:
    answer = visit(path)
    page = Outline(answer.text)

    assert answer.status == 200
    assert page.language == path[1:3]
    assert page.headings[0] == 1 and page.headings.count(1) == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)
    assert page.inline == []
    assert page.tables == page.captions
    assert len(page.ids) == len(set(page.ids))
    outside = [link for link in page.links if "//" in link]
    assert all(link.startswith("https://hannuri.example/") for link in outside)
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", BOTH)
def test_given_a_page_when_its_other_language_is_followed_then_it_is_the_same_page(
    visit: Visit, path: str
) -> None:
    other = ("/en" if path.startswith("/ko") else "/ko") + path[3:]
    page = Outline(visit(path).text)

    assert other in page.links
    assert Outline(visit(other).text).headings == page.headings


def test_given_every_link_of_every_page_when_followed_then_none_is_dead(visit: Visit) -> None:
    seen: set[str] = set()
    for path in BOTH:
        seen |= {link for link in Outline(visit(path).text).links if link.startswith("/")}
    seen = {link.partition("#")[0] for link in seen if not link.startswith("/static/")}
    pages = [link for link in sorted(seen) if "/records/" not in link]
    records = [link for link in sorted(seen) if "/records/" in link][::7]

    dead = [link for link in pages + records if visit(link).status != 200]
    assert len(pages) > 100 and dead == []


def test_given_the_front_page_when_read_then_its_figures_recompute_from_the_tables(
    visit: Visit, edition: Edition
) -> None:
    money: dict[str, int] = defaultdict(int)
    lines = 0
    for row in edition.release.rows("records"):
        if row["unit"] == "KRW" and "2026-01-01" <= row["awarded_on"].isoformat() <= "2026-06-30":
            lines += 1
            money["all"] += row["amount"] * row["counts_in_total"]
            money[row["sector"]] += row["amount"] * row["counts_in_total"]
    promises = [
        row["state"] for row in edition.tables["promises"]
        if row["period"] == "2026-H1" and row["state"] != "promised"
    ]  # fmt: skip
    korean, english = visit("/ko/").text, visit("/en/").text

    assert f'title="{money["all"]:,} 원"' in korean
    assert f'title="{money["all"]:,} won"' in english
    assert f"{lines:,}줄 보기" in korean and f"See {lines:,} lines" in english
    assert f"{promises.count('met')}<small>/ {len(promises)}</small>" in korean
    assert all(f"{amount:,}" in korean for amount in money.values())
    assert "12개 기관 중 10곳 보고" in korean and "10 of 12 agencies reported" in english
    assert "한누리항만청" in korean and "30일" in korean and "담당자 교체" in korean


def test_given_a_figure_of_the_front_page_when_its_lines_are_opened_then_they_sum_to_it(
    visit: Visit, edition: Edition
) -> None:
    shown = front.content(edition, "ko")["figures"]
    for figure in shown[:2]:
        text = visit(figure.address).text

        assert figure.lines.split("줄")[0] + "줄을 찾았습니다" in text
        assert f'title="{figure.said.exact}"' in text


def test_given_a_chart_when_its_file_is_taken_then_it_holds_the_numbers_of_the_table(
    visit: Visit, edition: Edition
) -> None:
    shown = front.content(edition, "ko")
    for name, key in (("over-time", "over_time"), ("by-sector", "by_sector")):
        rows = visit(f"/ko/figures/{name}.csv").text.splitlines()[1:]
        amounts = [cell["amount"] for row in shown[key]["table"] for cell in row.get(
            "cells", [row])]  # fmt: skip
        found = [int(each) for row in rows for each in re.findall(r"(?<=,)-?\d+(?=,|$)", row)]

        assert found == amounts
    assert visit("/ko/figures/nothing.csv").status == 404


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/ko/statements/hn-growth/2026-H1", ["이사장", "사업총괄팀장", "2026년 7월 22일",
                                              "수료율", "87.25", "시작한 사람 400", "2026-01-01",
                                              "출석부 집계", "건물 계약이 미뤄짐",
                                              "소득은 아직 재지 못함"]),
        ("/ko/statements/hn-learn/2026-H1", ["기한보다 12일 늦었습니다"]),
        ("/ko/statements/hn-youth/2026-H1", ["해당하는 일이 없다고 보고했습니다",
                                             "없다고 보고했습니다."]),
        ("/en/statements/hn-harbour/2026-H1", ["missing", "30 days past 31 July 2026",
                                               "17 of its records"]),
        ("/ko/records/HN-0000009", ["고침", "원 단위를 잘못 옮겨 적음", "보탬e 내보내기",
                                    "hn-robot#9"]),
        ("/ko/records/HN-0000091", ["합계에 넣지 않음", "HN-0000081"]),
        ("/ko/records/HN-0000081", ["HN-0000091"]),
        ("/ko/agencies/hn-learn", ["한누리지식센터", "늦게 보고함"]),
        ("/ko/agencies/hn-harbour", ["한누리공간공사", "보고하지 않음"]),
        ("/ko/schemes/hannuri-50", ["값 3개 가운데", "2,000억 원", "밝힘", "셈함", "가정",
                                    "0.02 – 0.05", "10,000", "3,120석", "보고 없음"]),
        ("/en/effects", [
            "2 of 10 programmes have had their effect measured", "3 findings",
            "Firms with AI pilot grants have about 2.2 insured employees more",
            "The effect of bio equipment grants cannot be told", "outcomes are not opened yet",
        ]),
        ("/ko/effects/ai-jobs", ["AI 실증 보조를 받은 기업은", "2.2명쯤 많습니다", "1.4~3.0", "4.9",
                                 "300, 그 가운데 다른 사업의 지원을 받은 기업 23", "ab" * 32]),
        ("/en/effects/bio-sales", ["a check failed (trends before support)",
                                   "Numbers that are no effect", "Trends were not parallel"]),
        ("/en/effects/robot-jobs", ["registered on 2 September 2024; outcomes not opened yet"]),
        ("/en/programmes/P-AI", ["What came of it", "2.2 employees, 95% interval 1.4 to 3.0"]),
        ("/ko/programmes/P-GPU", ["이 사업의 효과는 아직 재지 않았습니다"]),
        ("/en/verify", ["panel of ai-jobs", "4,959", "12" * 32]),
        ("/ko/corrections", ["HN-TWICE", "같은 지원을 두 번 적음", "뺌"]),
    ],
)  # fmt: skip
def test_given_a_page_when_read_then_it_says_what_the_tables_say(
    visit: Visit, path: str, words: list[str]
) -> None:
    text = visit(path).text.replace("\u00a0", " ")

    assert [word for word in words if word not in text] == []


def test_given_a_statement_when_read_then_its_ledger_figures_recompute_from_the_lines(
    visit: Visit, edition: Edition
) -> None:
    text = visit("/ko/statements/hn-growth/2026-H1").text
    resources = [
        row for row in edition.lines["hn-growth", "2026-H1"] if row["section"] == "resources"
    ]

    assert resources and all(telling.decimal(row["value"]) in text for row in resources)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("path", ["/ko/", "/en/search.csv", "/release/manifest.json", "/nowhere"])
def test_given_an_act_that_is_not_reading_when_asked_then_it_is_not_allowed(
    visit: Visit, method: str, path: str
) -> None:
    answer = visit(path, method)

    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_given_head_and_options_when_asked_then_they_answer_without_a_body(visit: Visit) -> None:
    for path in ("/ko/", "/ko/search.csv?q=AI", "/release/data/records.csv"):
        assert (visit(path, "HEAD").status, visit(path, "HEAD").body) == (200, b"")
        assert (visit(path, "OPTIONS").status, visit(path, "OPTIONS").body) == (204, b"")


@pytest.mark.parametrize(
    "query",
    ["page=abc", "page=0", "page=999999", "agency=none-such", "sort=1", "q=" + "a" * 5000,
     "q=%00", "q=%ED%A0%80", "q=%FF", "year=%00", "period=2026-13", "sector=%ED%A0%80"],
)  # fmt: skip
@pytest.mark.parametrize("page", ["search", "search.csv"])
def test_given_bad_parameters_when_asked_then_the_page_says_what_to_change(
    visit: Visit, page: str, query: str
) -> None:
    if page == "search.csv" and query == "page=999999":
        return
    for language, word in (("ko", "이렇게 고치십시오"), ("en", "What to change")):
        answer = visit(f"/{language}/{page}?{query}")

        assert answer.status == 400
        assert word in answer.text and "Traceback" not in answer.text
        assert len(answer.body) < 20_000


def test_given_a_bad_period_of_statements_when_asked_then_it_is_refused(visit: Visit) -> None:
    assert visit("/ko/statements?period=2031-H1").status == 400


@pytest.mark.parametrize(
    "path",
    ["/ko/nothing", "/fr/", "/ko/records/HN-9", "/ko/records/%00", "/ko/agencies/none",
     "/ko/programmes/none", "/ko/schemes/none", "/ko/statements/hn-ai/2031-H1",
     "/ko/statements/none/2026-H1", "/ko/lines/none", "/ko/lines/nil", "/release/nothing.csv",
     "/release/../koga/core/money.py", "/release/data/../manifest.json", "/release/data/",
     "/release//etc/passwd", "/release/%2e%2e/secret", "/ko/records/" + "x" * 3000],
)  # fmt: skip
def test_given_an_unknown_address_when_asked_then_it_is_said_in_both_languages(
    visit: Visit, path: str
) -> None:
    answer = visit(path)

    assert answer.status == 404
    assert "이 주소에는 아무것도 없습니다" in answer.text
    assert "There is nothing at this address" in answer.text


def test_given_the_release_when_its_files_are_taken_then_they_are_the_signed_bytes(
    visit: Visit, edition: Edition
) -> None:
    listed = visit("/ko/downloads").text
    for file in edition.release.manifest.files:
        body = visit(f"/release/{file.path}").body

        assert hashlib.sha256(body).hexdigest() == file.sha256
        assert file.sha256 in listed and f"/release/{file.path}" in listed
    for name in ("manifest.json", "checkpoint", "log/leaves.txt"):
        assert visit(f"/release/{name}").body == (edition.release.folder / name).read_bytes()


def test_given_a_file_the_manifest_does_not_name_when_asked_then_it_is_not_given(
    visit: Visit, release: Path
) -> None:
    stray = release / "stray.txt"
    stray.write_text("not published")
    try:
        assert visit("/release/stray.txt").status == 404
    finally:
        stray.unlink()


def test_given_a_page_that_was_seen_when_asked_again_then_it_is_unchanged(visit: Visit) -> None:
    tag = visit("/ko/").headers["ETag"]

    assert visit("/ko/", HTTP_IF_NONE_MATCH=tag).status == 304
    assert visit("/ko/", HTTP_IF_NONE_MATCH='"other"').status == 200


def test_given_the_bare_address_when_asked_then_it_leads_to_korean(visit: Visit) -> None:
    answer = visit("/")

    assert (answer.status, answer.headers["Location"]) == (302, "/ko/")


def test_given_the_public_site_when_it_runs_then_it_holds_no_books_and_no_sign_in() -> None:
    code = (
        "import django, sys; django.setup(); import koga.web.urls_public;"
        "print([n for n in sys.modules if n.startswith(('koga.operate', 'koga.publish',"
        " 'django.contrib.auth', 'django.contrib.sessions', 'django.contrib.admin'))])"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "koga.web.settings_public", "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip

    assert ran.stdout.strip() == "[]"


def test_given_a_scheme_with_futures_when_read_then_its_fan_says_what_the_table_holds(
    visit: Visit,
) -> None:
    ko = visit("/ko/schemes/hannuri-50").text
    en = visit("/en/schemes/hannuri-50").text

    assert "가운데 앞날에서 2029년까지 순 1,900억 원이 들어가고 2033년에 본전이 됩니다" in ko
    assert "In the median future, ₩190.0 bn net has been paid in by 2029 and is back by 2033" in en
    assert 'data-label="가운데" title="180,000,000,000">1,800</td>' in ko and ">억 원<" in ko
    assert 'data-label="Error" title="40,000,000">± 0.04</td>' in en and ">bn won<" in en
    assert ko.count('id="fan-wide-title"') == 1 and "2,048" in ko
    for anchor in re.findall(r'<a href="#([\w-]+)"', ko):
        assert f'id="{anchor}"' in ko


def test_given_measures_when_read_then_no_error_of_nothing_and_no_range_of_a_chance_is_printed(
    visit: Visit,
) -> None:
    text = re.sub(r"(<[^>]+>|\s)+", " ", visit("/en/schemes/hannuri-50").text)

    assert "Every figure stands in them or is counted from them." in text
    assert "≈ 2 % ± 0.001 % – –" in text and "≈ 40 % – –" in text
    assert not re.search(r"± ₩?0(\.0*)? ", text)
