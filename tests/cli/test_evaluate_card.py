"""`koga evaluate card`: files anyone can open, and a failed finding answers with exit code 1."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from koga.cli import build_app
from tests.evaluate.test_card import check, finding
from tests.release.sample import build_sample

FILES = ["card.css", "card.en.html", "card.en.pdf", "card.ko.html", "card.ko.pdf"]


def koga(*words: str) -> tuple[int, str]:
    ran = CliRunner().invoke(build_app(), ["evaluate", *words])
    return ran.exit_code, ran.stdout


def test_given_the_json_of_a_finding_when_its_card_is_asked_for_then_both_languages_as_files(
    tmp_path: Path,
) -> None:
    source = tmp_path / "finding.json"
    source.write_text(json.dumps(finding().as_json()))

    code, said = koga("card", str(source), "--out", str(tmp_path / "card"), "--json")

    assert code == 0
    assert [Path(file).name for file in json.loads(said)["files"]] == FILES
    html = (tmp_path / "card" / "card.en.html").read_text()
    assert "No plan was registered" in html and 'href="card.css"' in html
    assert "//" not in html.replace("http://www.w3.org/", "")
    assert (tmp_path / "card" / "card.ko.pdf").read_bytes().startswith(b"%PDF-")


def test_given_a_failed_finding_when_its_card_is_asked_for_then_it_is_written_and_exit_is_1(
    tmp_path: Path,
) -> None:
    source = tmp_path / "finding.json"
    failed = replace(finding(), checks=(check("pre_trend", "fail"),))
    source.write_text(json.dumps(failed.as_json()))

    code, _ = koga("card", str(source), "--out", str(tmp_path))

    assert code == 1
    assert "cannot be told" in (tmp_path / "card.en.html").read_text()


def test_given_a_release_when_the_card_of_its_finding_is_asked_for_then_it_names_the_release(
    tmp_path: Path,
) -> None:
    release, _ = build_sample(tmp_path / "release", 40)

    code, _ = koga("card", str(release), "--finding", "ai-jobs", "--out", str(tmp_path / "card"))
    unknown, said = koga(
        "card", str(release), "--finding", "no-such", "--out", str(tmp_path / "card"), "--json"
    )

    assert code == 0
    assert "2.2 insured employees more" in (tmp_path / "card" / "card.en.html").read_text()
    assert unknown == 2
    assert json.loads(said)["problems"][0]["code"] == "evaluate.no_finding"


def test_given_no_such_file_or_no_finding_named_when_asked_for_a_card_then_said(
    tmp_path: Path,
) -> None:
    release, _ = build_sample(tmp_path / "release", 40)
    out = ("--out", str(tmp_path / "card"), "--json")

    code, said = koga("card", str(tmp_path / "no-such.json"), *out)
    unnamed, listed = koga("card", str(release), *out)

    assert (code, unnamed) == (2, 2)
    assert json.loads(said)["problems"][0]["code"] == "evaluate.no_file"
    problem = json.loads(listed)["problems"][0]
    assert (problem["code"], problem["where"]) == ("evaluate.option", "--finding")
    assert "ai-jobs" in problem["message"]["en"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"finding": {"design": "guess"}}'])
def test_given_a_file_that_is_no_finding_when_asked_for_a_card_then_refused(
    content: str, tmp_path: Path
) -> None:
    source = tmp_path / "finding.json"
    source.write_text(content)

    code, said = koga("card", str(source), "--out", str(tmp_path / "card"), "--json")

    assert code == 2
    assert json.loads(said)["problems"][0]["code"] == "evaluate.finding_file"
    assert not (tmp_path / "card").exists()
