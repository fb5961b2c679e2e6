"""The house rules, read off the tree: sizes, names, banned calls, money without floats."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FUNCTION_LINES, MODULE_LINES, LINE_LENGTH, NESTING = 70, 600, 100, 3

FLOATS_ALLOWED = (
    "koga/plan/",
    "koga/evaluate/",
    "koga/figures/",
    "koga/documents/futures",
    "koga/core/performance",
    "koga/core/irr",
    "koga/core/pme",
    "koga/core/waterfall_paths",
)
MONEY_WORDS = re.compile(r"amount|won|money|balance|total|price|share|debit|credit|sum_")
BANNED_CALLS = {"eval", "exec", "breakpoint", "compile", "globals"}
BANNED_MODULES = {"pickle", "marshal", "shelve"}
BANNED_NAMES = re.compile(r"(Manager|Utils?|Helper)$|^(utils?|helpers?|misc|common_stuff)$")
BANNED_TEXT = re.compile(
    r"\|\| true\b|/wo" + r"rk/|files\.pythonhosted|registry\.npm|deb\.debian|pypi\.org/simple"
)
TEXT_SUFFIXES = {".py", ".md", ".toml", ".sql", ".html", ".css", ".js", ".lock", ".yml", ".txt", ""}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def sources() -> list[Path]:
    return [path for path in tracked("*.py") if "migrations" not in path.parts]


def product() -> list[Path]:
    return [path for path in sources() if path.is_relative_to(ROOT / "koga")]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def trees(paths: list[Path]) -> Iterator[tuple[str, ast.Module]]:
    for path in paths:
        yield name_of(path), ast.parse(path.read_text())


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Every statement, at any depth; expressions hold none."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.stmt):
            yield child
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from statements(child)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in statements(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_given_any_source_when_measured_then_it_is_small() -> None:
    found = []
    for path in sources():
        lines = path.read_text().split("\n")
        if len(lines) - 1 > MODULE_LINES:
            found.append(f"{name_of(path)}: {len(lines) - 1} lines")
        found += [
            f"{name_of(path)}:{number}: {len(line)} characters"
            for number, line in enumerate(lines, start=1)
            if len(line) > LINE_LENGTH
        ]
    for name, tree in trees(sources()):
        found += [
            f"{name}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
            for node in functions(tree)
            if node.end_lineno and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
        ]
    assert found == []


def nesting(node: ast.AST, depth: int = 0) -> int:
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            continue
        block = isinstance(child, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match)
        chained = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        deepest = max(deepest, nesting(child, depth + (block and not chained)))
    return deepest


def is_kernel(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Compiled loops: one level more, for the path that everything in them runs over."""
    return any(
        isinstance(by, ast.Name) and by.id in ("kernel", "lean") for by in node.decorator_list
    )


def test_given_a_function_of_the_product_when_read_then_it_nests_at_most_three_deep() -> None:
    found = [
        f"{name}:{node.lineno} {node.name}: {deep} deep"
        for name, tree in trees(product())
        for node in functions(tree)
        if (deep := nesting(node)) > NESTING + is_kernel(node)
    ]
    assert found == []


def test_given_a_name_in_the_product_when_read_then_it_is_a_word_of_the_domain() -> None:
    found = [
        f"{name}: {node.name}"
        for name, tree in trees(product())
        for node in statements(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and BANNED_NAMES.search(node.name)
    ]
    found += [name_of(path) for path in product() if BANNED_NAMES.search(path.stem)]
    assert found == []


def test_given_the_product_when_read_then_no_banned_call_or_module_is_used() -> None:
    found = []
    for name, tree in trees(product()):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in BANNED_CALLS:
                    found.append(f"{name}:{node.lineno} {node.func.id}()")
                if node.func.id == "print" and not name.startswith(("koga/cli/", "koga/demo/")):
                    found.append(f"{name}:{node.lineno} print() outside the commands")
            if isinstance(node, ast.Assert):
                found.append(f"{name}:{node.lineno} assert: -O drops it, use ensure()")
            if isinstance(node, ast.Import):
                found += [
                    f"{name}:{node.lineno} {alias.name}"
                    for alias in node.names
                    if alias.name in BANNED_MODULES
                ]
    assert found == []


def words_of(node: ast.AST) -> str:
    return " ".join(
        part.id if isinstance(part, ast.Name) else part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute)
    )


def test_given_rooms_that_hold_money_when_read_then_no_float_touches_it() -> None:
    found = []
    for name, tree in trees(product()):
        if name.startswith(FLOATS_ALLOWED):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "float"
            ):
                found.append(f"{name}:{node.lineno} float()")
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                numeric = any(
                    isinstance(side, ast.Constant) and isinstance(side.value, int | float)
                    for side in (node.left, node.right)
                )
                if numeric or MONEY_WORDS.search(words_of(node)):
                    found.append(f"{name}:{node.lineno} true division")
    found = [line for line in found if not line.startswith(EXACT_DIVISION)]
    assert found == []


EXACT_DIVISION = (
    "koga/core/fund_rules",  # Fraction / Fraction
    "koga/core/waterfall",
    "koga/core/money.py:",  # the estimate of split_many, put right by its exact remainder
)


def test_given_the_product_when_read_then_everything_is_annotated() -> None:
    found = []
    for name, tree in trees(product()):
        for node in functions(tree):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            bare = [
                argument.arg
                for argument in arguments
                if argument.annotation is None and argument.arg not in ("self", "cls")
            ]
            if bare or node.returns is None:
                found.append(f"{name}:{node.lineno} {node.name} {bare}")
    assert found == []


def test_given_a_public_name_when_read_then_it_says_what_it_is_for() -> None:
    found = []
    for name, tree in trees(product()):
        if not ast.get_docstring(tree) and not name.endswith("__init__.py"):
            found.append(name)
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
            if public and not ast.get_docstring(node):  # type: ignore[arg-type]
                found.append(f"{name}:{node.lineno} {node.name}")  # type: ignore[attr-defined]
    assert found == []


def test_given_the_committed_texts_when_read_then_none_names_a_machine_or_registry() -> None:
    found = [
        f"{name_of(path)}: {match[0]}"
        for path in tracked()
        if path.suffix in TEXT_SUFFIXES and path != Path(__file__)
        for match in BANNED_TEXT.finditer(path.read_text(errors="replace"))
    ]
    assert found == []
