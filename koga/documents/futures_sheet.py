"""From a simulation to its sheet: which figures stand where, and in which words."""

from collections.abc import Sequence

from koga.core import money
from koga.documents import futures_words as words
from koga.documents.sheet import Drawn, Sheet, Table
from koga.plan import measures, rows, values
from koga.plan.leaf import Leaf
from koga.plan.result import Figure, Result
from koga.plan.shape import Scheme, counts

_THREE = ("word", "number", "word")
YEARS_SHOWN = ("net.all", "net.public")


def sheet(
    result: Result,
    figures: Sequence[Drawn],
    language: str,
    *,
    further: Sequence[Table] = (),
    not_said: Sequence[str] = (),
) -> Sheet:
    """The sheet of one result.

    figures: its charts in order. further: tables of other rooms (the cost estimate, approval
    questions), printed after the measures. not_said: further lines of what it does not say.
    """
    korean = language == "ko"
    scheme = result.scheme
    name = scheme.name_ko if korean else scheme.name_en
    lead = figures[0].sentence if figures else ""
    return Sheet(
        language=language,
        kicker="앞날 계산서" if korean else "Sheet of futures",
        title=name,
        lead=(scheme.summary_ko if korean else scheme.summary_en) or lead,
        headline=_headline(scheme, language),
        facts=_facts(result, language),
        figures=[(drawn, _caption(result, place, language))
                 for place, drawn in enumerate(figures, start=1)],
        tables=[*_measures(result, language), *further, *_years(result, language),
                *_assumptions(scheme, language), _sources(scheme, language)],
        not_said_title="이 계산서가 말하지 않는 것" if korean else "What this sheet does not say",
        not_said=[*_not_said(result, language), *not_said],
        foot=f"koga {result.engine_version} · sha256 {scheme.sha256[:16]}… · seed {result.seed}",
    )  # fmt: skip


def _headline(scheme: Scheme, language: str) -> list[tuple[str, str, str]]:
    korean = language == "ko"
    found = counts(scheme)
    notes = {
        "stated": ("출처를 함께 적음", "each with its source"),
        "derived": ("셈식을 함께 적음", "each with its formula"),
        "assumed": ("범위와 까닭을 함께 적음", "each with range and reason"),
    }
    names = {
        "stated": ("밝혀진 값", "Values stated"),
        "derived": ("셈한 값", "Values derived"),
        "assumed": ("가정한 값", "Values assumed"),
    }
    at = 0 if korean else 1
    return [(names[basis][at], f"{found[basis]:,}", notes[basis][at]) for basis in names]


def _facts(result: Result, language: str) -> list[tuple[str, str]]:
    korean = language == "ko"
    engines = {
        "exact": ("건마다 뽑음(exact)", "every deal drawn (exact)"),
        "fast": ("기댓값(fast)", "expectations over deals (fast)"),
    }
    told = [
        ("계산 방법", "Engine", engines[result.engine][0 if korean else 1]),
        ("앞날의 수", "Paths", f"{result.paths:,}"),
        ("씨앗", "Seed", str(result.seed)),
        ("엔진 판", "Engine version", f"koga {result.engine_version}"),
        ("건수", "Deals", f"{result.deals:,}"),
        ("분기 수", "Quarters", f"{result.quarters:,}"),
        ("계획 코드", "Scheme", result.scheme.code),
        ("파일 해시", "File hash", f"sha256 {_broken(result.scheme.sha256)}"),
    ]
    return [(ko if korean else en, value) for ko, en, value in told]


def _broken(text: str, every: int = 16) -> str:
    """A hash in groups, so that it breaks on paper where a line ends."""
    return " ".join(text[at : at + every] for at in range(0, len(text), every))


def _caption(result: Result, place: int, language: str) -> str:
    paths = f"{result.paths:,}"
    if language == "ko":
        return f"그림 {place}. 앞날 {paths}가지, 씨앗 {result.seed}."
    return f"Figure {place}. {paths} futures, seed {result.seed}."


def _measures(result: Result, language: str) -> list[Table]:
    korean = language == "ko"
    found = {name: each for name, each in result.figures.items() if each.mean is not None}
    if not found:
        return []
    printed = words.printed_for(found.values(), language)
    heads = (
        ("지표", "단위", "평균", "계산 오차", "5%", "가운데", "95%")
        if korean
        else ("Measure", "Unit", "Mean", "Error", "5 %", "Median", "95 %")
    )
    kinds = ("word", "word", *("number",) * 5)
    body = [
        words.row(result.label(name, language), each, printed, language)
        for name, each in found.items()
    ]
    note = (
        "오차는 평균의 표준오차로, 뽑기에서만 오는 것입니다. 가정의 오차가 아닙니다."
        if korean
        else "Error is the standard error of the mean: from drawing alone, not from assumptions."
    )
    if result.engine == "fast":
        note += (
            " ≈는 건마다 뽑은 평균과 조금 다를 수 있는 값입니다."
            if korean
            else " ≈ marks what may differ a little from the mean of drawn deals."
        )
    if any(each.weighed for each in found.values()):
        note += (
            " ‡는 중요도 표집으로 셈한 확률과 드문 금액, †는 표본이 적어 더 뽑아야 할 수입니다."
            if korean
            else " ‡: chances and rare amounts by importance sampling; †: on too few paths."
        )
    title = "지표와 계산 오차" if korean else "Measures and their error"
    told = [_definition(name, language) for name in found]
    defined = Table(
        title="지표의 정의" if korean else "What the measures are",
        note="",
        columns=("지표", "정의") if korean else ("Measure", "Definition"),
        kinds=("word", "word"),
        rows=list(dict.fromkeys(told)),
        widths=(1, 2.6),
        folded=True,
    )
    return [Table(title, note, heads, kinds, body, (1, 0, 0, 0, 0, 0, 0)), defined]


def _definition(name: str, language: str) -> tuple[str, str]:
    found = measures.find(name)
    return found.label(language), found.definition(language)


def _years(result: Result, language: str) -> list[Table]:
    """Every series by year: means, and the error of each."""
    korean = language == "ko"
    tables = []
    for name in YEARS_SHOWN:
        years = result.series.get(name)
        if not years:
            continue
        printed = words.printed_for(years, language)
        heads = (
            ("연도", "평균", "계산 오차", "5%", "25%", "가운데", "75%", "95%")
            if korean
            else ("Year", "Mean", "Error", "5 %", "25 %", "Median", "75 %", "95 %")
        )
        body = [_year(each, printed) for each in years]
        unit = words.unit_of(years[0].unit, printed, language)
        title = result.label(name, language)
        title = f"{title}(해마다, {unit})" if korean else f"{title} by year, {unit}"
        note = measures.find(name).definition(language)
        kinds = ("word", *("number",) * 7)
        tables.append(Table(title, note, heads, kinds, body, (0.7, *(1,) * 7), folded=True))
    return tables


def _year(each: Figure, printed: words.Printed) -> list[str]:
    shown = [words.cell(value, each.unit, printed) for value in each.quantiles]
    mean, error = (words.cell(value, each.unit, printed) for value in (each.mean, each.error))
    return [str(each.year), mean, f"± {error}", *shown]


def _assumptions(scheme: Scheme, language: str) -> list[Table]:
    """Every value of the scheme with basis, range, source and note."""
    korean = language == "ko"
    at = 0 if korean else 1
    titles = {
        "stated": ("밝혀진 값", "Values stated"),
        "derived": ("셈한 값과 셈식", "Values derived, with formulas"),
        "assumed": ("가정한 값, 범위, 출처, 까닭", "Values assumed: range, source, reason"),
    }
    heads = {
        "stated": (("항목", "값", "출처"), ("Item", "Value", "Source")),
        "derived": (("항목", "값", "셈식"), ("Item", "Value", "Formula")),
        "assumed": (
            ("항목", "값", "범위", "출처", "까닭"),
            ("Item", "Value", "Range", "Source", "Reason"),
        ),
    }
    tables = []
    for basis, title in titles.items():
        found = [leaf for leaf in scheme.leaves.values() if leaf.basis == basis]
        body = _said_once([_leaf(scheme, leaf, language) for leaf in found])
        count = f"{title[at]}: {len(body):,}"
        columns = heads[basis][at]
        widths = (1.5, 0.8, 0.9, 0.5, 2) if basis == "assumed" else (1.1, 0.7, 1.6)
        kinds = ("word", "number", "word", "word", "word") if basis == "assumed" else _THREE
        tables.append(Table(count, "", columns, kinds, body, widths, folded=True))
    return tables


def _said_once(rows: list[list[str]]) -> list[list[str]]:
    """A last cell of several words that repeats the one above is a ditto mark."""
    last = ""
    for row in rows:
        last, row[-1] = row[-1], "〃" if row[-1] == last and len(last) > 12 else row[-1]
    return rows


def _leaf(scheme: Scheme, leaf: Leaf, language: str) -> list[str]:
    korean = language == "ko"
    label = leaf.label_ko if korean else leaf.label_en
    note = leaf.note_ko if korean else leaf.note_en
    shown = value_words(scheme, leaf, language)
    if leaf.basis == "derived":
        return [label, shown, f"= {leaf.formula}" if leaf.formula else leaf.method]
    if leaf.basis == "stated":
        return [label, shown, _cited(scheme, leaf)]
    return [label, shown, _range(leaf, language), leaf.source, note]


def value_words(scheme: Scheme, leaf: Leaf, language: str) -> str:
    """A leaf's value as it is printed: won in words, chosen words in one language."""
    if leaf.unit == measures.MONEY and isinstance(leaf.value, int):
        return money.in_words(leaf.value, language)
    both = rows.value_text(scheme, leaf)
    if isinstance(leaf.value, str | tuple):
        return "; ".join(_one_language(part, language) for part in both.split("; "))
    number = values.numeric(leaf.value)
    if number is None:
        return both
    sign = both[:2] if both[:1] in "≥≤" else ""
    return sign + f"{_number(leaf, leaf.value)} {_UNITLESS.get(leaf.unit, leaf.unit)}".strip()


_UNITLESS = {"share": "", "years": ""}


def _number(leaf: Leaf, value: values.Value) -> str:
    """A number as it is printed: shares in per cent, others to six figures.

    A year has no separator.
    """
    number = values.numeric(value)
    if number is None:
        return values.text(value)
    if leaf.type in ("year", "count"):
        return str(number) if leaf.type == "year" else f"{int(number):,}"
    if leaf.unit == "share":
        return f"{float(number * 100):.6g}%"
    return f"{float(number):.6g}"


def _one_language(word: str, language: str) -> str:
    """“선순위 (senior)” in one language.

    >>> _one_language("선순위 (senior)", "en"), _one_language("ai", "ko")
    ('senior', 'ai')
    """
    ko, found, rest = word.partition(" (")
    if not found or not rest.endswith(")"):
        return word
    return ko if language == "ko" else rest.removesuffix(")")


def _range(leaf: Leaf, language: str) -> str:
    if leaf.low is None or leaf.high is None:
        return "; ".join(word for _, word in option_words(leaf, language))
    ends = [number_words(leaf, end, language) for end in (leaf.low, leaf.high)]
    return " – ".join(dict.fromkeys(ends))


def number_words(leaf: Leaf, value: values.Value, language: str) -> str:
    """A number a leaf may have as it is printed."""
    if leaf.unit == measures.MONEY and isinstance(value, int):
        return money.in_words(value, language)
    return _number(leaf, value)


def option_words(leaf: Leaf, language: str) -> list[tuple[str, str]]:
    """The options of a leaf as (word, label) pairs."""
    field = rows.field_at(leaf.path)
    known = field.choices if field else {}
    return [
        (word, (known[word].ko if language == "ko" else known[word].en) if word in known else word)
        for word in leaf.options
    ]


def _cited(scheme: Scheme, leaf: Leaf) -> str:
    cited = scheme.sources.get(leaf.source)
    return f"{leaf.source}: {cited.title}, {cited.publisher}" if cited else leaf.source


def _sources(scheme: Scheme, language: str) -> Table:
    korean = language == "ko"
    heads = ("이름", "제목", "낸 곳", "날짜", "종류")
    return Table(
        title=f"출처: {len(scheme.sources)}" if korean else f"Sources: {len(scheme.sources)}",
        note="",
        columns=heads if korean else ("Name", "Title", "Publisher", "Date", "Kind"),
        kinds=("word",) * 5,
        rows=[
            [name, each.title, each.publisher, each.date, each.kind]
            for name, each in scheme.sources.items()
        ],
        widths=(0, 2.2, 1, 0.7, 0),
        folded=True,
    )


def _not_said(result: Result, language: str) -> list[str]:
    assumed = counts(result.scheme)["assumed"]
    if language == "ko":
        said = [
            f"앞날을 맞히지 않습니다. 가정 {assumed}개가 맞을 때 무엇이 따르는지를 셈합니다.",
            "계산 오차는 뽑기에서만 옵니다. 가정이 틀렸을 때의 오차는 가정의 범위에 있습니다.",
            "어느 기업이나 사업이 선정될지, 정책이 옳은지는 말하지 않습니다.",
            "세수, 다른 곳의 고용, 밀려난 투자는 0으로 둔 것이 아니라 셈하지 않은 것입니다.",
        ]
        if result.engine == "fast":
            said.append(
                "기댓값으로 셈해 건별 운은 빠져 있습니다. 작은 묶음의 꼬리는 실제보다 좁습니다."
            )
        return said
    said = [
        f"It does not predict. It computes what follows if {assumed} assumptions hold.",
        "Its error is of drawing alone; how far an assumption may be off is in its range.",
        "It does not say which firms or projects are chosen, nor whether the policy is right.",
        "Effects left out (tax revenue, jobs elsewhere, other investment displaced) are not zero: "
        "they were not computed.",
    ]
    if result.engine == "fast":
        said.append(
            "Expectations leave the luck of single deals out: tails of small pools are too narrow."
        )
    return said
