"""Contingent liabilities of a scheme and the five questions to answer before one is approved.

Every bond guarantee and every first loss is a promise to pay if something happens. HM Treasury asks
five questions of each before it is made (Contingent Liability Approval Framework, 2017): rationale,
exposure, risk and return, risk management and mitigation, affordability. A scheme answers them in
`[contingent.NAME]`; what nobody has answered is listed as a warning, never filled in. Figures that
bear on a question come from the simulation, by the names of its measures.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from koga.core.problems import Problem
from koga.plan.schemes.declared_fiscal import ANSWERS, QUESTIONS
from koga.plan.schemes.shape import Scheme

UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Liability:
    """A promise. path: of its table in the scheme. kind: `bonds` or `first_loss`.

    name: of the source of money or the vehicle. entry: the `[contingent]` entry about it, empty
    where there is none.
    """

    path: str
    kind: str
    name: str
    entry: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One question about one liability.

    status: answered, partly, unanswered. basis, source: of the answer. text: the answer as the
    scheme's note gives it. measures: names of simulated measures that bear on it.
    """

    liability: Liability
    question: str
    status: str
    basis: str
    source: str
    text_ko: str
    text_en: str
    measures: tuple[str, ...]

    def heading(self, language: str) -> str:
        """What the question is called."""
        return QUESTIONS[self.question][0 if language == "ko" else 1]

    def wording(self, language: str) -> str:
        """The question itself."""
        return QUESTIONS[self.question][2 if language == "ko" else 3]

    def status_word(self, language: str) -> str:
        """Whether it is answered, in words."""
        word = ANSWERS[self.status]
        return word.ko if language == "ko" else word.en


def liabilities(scheme: Scheme) -> tuple[Liability, ...]:
    """Every bond with a state guarantee and every first loss, in the scheme's order."""
    about = {
        str(scheme.plain.get(f"contingent.{name}.of", "")): name
        for name in scheme.entries.get("contingent", ())
    }
    found = [
        ("bonds", name, f"capital.{name}.bond")
        for name in scheme.entries.get("capital", ())
        if _guaranteed(scheme, name)
    ]
    found += [
        ("first_loss", name, f"vehicle.{name}.first_loss")
        for name in scheme.entries.get("vehicle", ())
        if f"vehicle.{name}.first_loss.provider" in scheme.leaves
    ]
    return tuple(Liability(path, kind, name, about.get(path, "")) for kind, name, path in found)


def _guaranteed(scheme: Scheme, name: str) -> bool:
    path = f"capital.{name}.bond.guaranteed_share"
    return path in scheme.leaves and scheme.number(path) > 0


_BEARING: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "bonds": {
        "exposure": ("exposure.bonds.{name}",),
        "risk_return": (
            "call.{name}", "guarantee.treasury.{name}", "guarantee.fair.{name}", "carry.{name}",
        ),
        "affordability": ("guarantee.peak.{name}", "cost.treasury"),
    },
    "first_loss": {
        "exposure": ("exposure.first_loss",),
        "risk_return": ("call.{name}", "call.{name}_????"),
        "affordability": ("cost.treasury",),
    },
}  # fmt: skip
"""Measures that bear on a question; `_????` takes the mixes of a vehicle's later years."""


def answers(scheme: Scheme, measures: Iterable[str] = ()) -> list[Answer]:
    """The five questions of every liability, answered or not.

    measures: names a simulation of the scheme gave, of which those that bear on it are named.
    """
    known = list(measures)
    return [
        _answer(scheme, liability, question, known)
        for liability in liabilities(scheme)
        for question in QUESTIONS
    ]


def _answer(scheme: Scheme, liability: Liability, question: str, known: list[str]) -> Answer:
    leaf = scheme.leaves.get(f"contingent.{liability.entry}.{question}")
    patterns = [
        pattern.format(name=liability.name)
        for pattern in _BEARING[liability.kind].get(question, ())
    ]
    bearing = [name for name in known if any(fnmatchcase(name, each) for each in patterns)]
    return Answer(
        liability=liability,
        question=question,
        status=str(leaf.value) if leaf else UNANSWERED,
        basis=leaf.basis if leaf else "",
        source=leaf.source if leaf else "",
        text_ko=leaf.note_ko if leaf else "",
        text_en=leaf.note_en if leaf else "",
        measures=tuple(bearing),
    )


def warnings(scheme: Scheme) -> list[Problem]:
    """What is still to be answered, one a liability: no questions at all, or some without answer.

    Warnings, not problems of the file: a scheme may be simulated long before it is approved.
    """
    found = []
    for liability in liabilities(scheme):
        if not liability.entry:
            found.append(Problem("contingent.missing", liability.path))
            continue
        path = f"contingent.{liability.entry}"
        unanswered = [
            question
            for question in QUESTIONS
            if scheme.leaves[f"{path}.{question}"].value != "answered"
        ]
        if unanswered:
            ko, en = (", ".join(QUESTIONS[one][place] for one in unanswered) for place in (0, 1))
            shown = {"of": liability.path, "ko": ko, "en": en, "count": len(QUESTIONS)}
            found.append(Problem("contingent.open", path, str(len(unanswered)), shown))
    return found
