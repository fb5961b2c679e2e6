"""Options as people write them: choices, lists of numbers, cutoffs; wrong ones told together."""

from koga.core.problems import Problem, Refusal

CHOICES = {
    "--control": ("never", "not-yet"),
    "--method": ("dr", "ipw", "reg"),
    "--base": ("varying", "universal"),
    "--variance": ("nn", "hc1"),
    "--share": ("reached", "left"),
    "--error": ("placebo", "jackknife"),
}
DRAWS_MAX = 100_000


def refuse(words: dict[str, str], **draws: int) -> None:
    """A `Refusal` of every option outside its choices, and of draws outside 0 to `DRAWS_MAX`."""
    problems = []
    for option, word in words.items():
        if word not in CHOICES[option]:
            expected = " | ".join(CHOICES[option])
            problems.append(Problem("evaluate.option", option, word, {"expected": expected}))
    for option, count in draws.items():
        if not 0 <= count <= DRAWS_MAX:
            details = {"expected": f"0 … {DRAWS_MAX}"}
            problems.append(Problem("evaluate.option", f"--{option}", str(count), details))
    if problems:
        raise Refusal(problems)


def names(given: str) -> tuple[str, ...]:
    """Headings by commas.

    >>> names("age, educ")
    ('age', 'educ')
    """
    return tuple(name.strip() for name in given.split(",") if name.strip())


def figures(option: str, given: str) -> tuple[float, ...]:
    """Numbers by commas, 0 or more.

    >>> figures("--relative-m", "0.5,1")
    (0.5, 1.0)
    """
    found, problems = [], []
    for part in names(given):
        try:
            value = float(part)
        except ValueError:
            value = -1.0
        if not 0 <= value < float("inf"):
            problems.append(Problem("evaluate.option", option, part, {"expected": "0.5,1,2"}))
        found.append(value)
    if problems:
        raise Refusal(problems)
    return tuple(found)


def cutoff(given: str) -> float | str:
    """A number, or the heading of a column of cutoffs.

    >>> cutoff("60"), cutoff("line")
    (60.0, 'line')
    """
    try:
        value = float(given)
    except ValueError:
        return given
    if value - value != 0:
        raise Refusal(Problem("evaluate.option", "--cutoff", given, {"expected": "60 | COLUMN"}))
    return value
