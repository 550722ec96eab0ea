"""What is changed in a module, and what is left alone."""

import ast
from pathlib import Path

import pytest

from tests.mutation.operators import mutated, mutations


def changed(source: str) -> list[str]:
    """All that becomes of a source, in the order of its text."""
    return [mutated(source.encode(), mutation).decode() for mutation in mutations(source.encode())]


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("a < b", ["a <= b"]),
        ("a == b != c", ["a != b != c", "a == b == c"]),
        ("a not  in b", ["a in b"]),
        ("a + b * c", ["(a - b * c)", "a + (b / c)"]),
        ("(a  # - \n ) + b", ["((a  # - \n ) - b)"]),
        ("a and b and c", ["(a or b or c)"]),
        ("not a", ["a"]),
        ("not (a)", ["(a)"]),
        ("-a", ["a"]),
        ("~a", ["a"]),
        ("a if b else c", ["a if (not (b)) else c"]),
        ("[a for a in b if c(a)]", ["[a for a in b if (not (c(a)))]"]),
        ("7", ["8"]),
        ("1.5", ["2.5"]),
        ("True", ["False"]),
        ("'code'", ["'XXcodeXX'"]),
        ("'é' < b", ["'XXéXX' < b", "'é' <= b"]),
    ],
)
def test_an_expression_becomes_each_of(source: str, becomes: list[str]) -> None:
    assert changed(f"a = {source}") == [f"a = {each}" for each in becomes]


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("def f():\n    return a", ["def f():\n    return None"]),
        ("if a:\n    b = c", ["if (not (a)):\n    b = c"]),
        ("while a > b: c = d", ["while (not (a > b)): c = d", "while a >= b: c = d"]),
        ("for a in b:\n    continue", ["for a in b:\n    break"]),
        ("for a in b:\n    break", ["for a in b:\n    continue"]),
        ("a += b", ["pass", "a -= b"]),
        ("a(b)", ["pass"]),
        ("a.b = c", ["pass"]),
        ("raise A", ["pass"]),
        ("try:\n    a = b\nexcept C:\n    d()", ["try:\n    a = b\nexcept C:\n    pass"]),
        ("match a:\n    case 1 if b:\n        c()",
         ["match a:\n    case 1 if b:\n        pass"]),
        ("with a as b:\n    c()", ["with a as b:\n    pass"]),
        ("def f(a=1): b = a", ["def f(a=2): b = a"]),
        ("class A:\n    b: int = 1", ["class A:\n    b: int = 2"]),
    ],
)  # fmt: skip
def test_a_statement_becomes_each_of(source: str, becomes: list[str]) -> None:
    assert changed(source) == becomes


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""',
        "import a",
        "assert a < b",
        "a: int | None",
        "A = int | None",
        "@a(1)\ndef f() -> B[1]: a = b",
        "a = 'a sentence'",
        "a = f'{b + 1}'",
        "for a in zip(b, c, strict=True): d = a",
        "__all__ = ['a']",
        "if TYPE_CHECKING:\n    a()",
        "def f():\n    return",
    ],
)
def test_what_declares_says_or_asserts_is_left_alone(source: str) -> None:
    assert changed(source) == []


def test_a_mutant_is_known_by_the_lines_of_its_own_statement() -> None:
    source = b"def f(a):\n    if (a\n            > 1):\n        return -a\n    return a\n"
    assert {(mutation.what, mutation.lines) for mutation in mutations(source)} == {
        ("condition negated", (2, 3)),
        ("> becomes >=", (2, 3)),
        ("1 becomes 2", (2, 3)),
        ("return nothing", (4, 4)),
        ("- removed", (4, 4)),
        ("return nothing", (5, 5)),
    }


def test_what_a_function_does_is_told_from_what_its_module_does_on_import() -> None:
    source = b"a = 1\ndef f(b=2):\n    return 3\n"
    at_import = {mutation.what: mutation.at_import for mutation in mutations(source)}
    assert at_import == {
        "1 becomes 2": True,
        "2 becomes 3": True,
        "return nothing": False,
        "3 becomes 4": False,
    }


def test_mutants_of_a_real_module_are_python_and_another_program() -> None:
    source = Path(__file__).with_name("operators.py").read_bytes()
    whole = ast.dump(ast.parse(source))
    for mutation in mutations(source)[::5]:
        assert ast.dump(ast.parse(mutated(source, mutation))) != whole, mutation
