"""What is changed in a module to see whether its tests notice: one small edit for each mutant.

Comparisons, arithmetic, `and` and `or`, negation, conditions, constants, results, and statements that are there for
their effect. Left alone is what only declares (imports, annotations, decorators, type expressions) or only says
(docstrings, texts with blanks, f-strings), and what asserts: `assert`, and `strict` of `zip`.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
#: Whose change is the negation already.
NEGATED = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Mod: ("%", "/"),
    ast.Pow: ("**", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "&"),
    ast.MatMult: ("@", "*"),
}
#: Before the operator stand blanks, brackets that close, and comments.
BEFORE_OPERATOR = re.compile(rb"(?:[\s)\\]|#[^\n]*\n)*")

Site = ast.stmt | ast.expr | ast.excepthandler | ast.match_case


class Edit(NamedTuple):
    """Bytes of a source from ``start`` to before ``end``, and what stands there instead."""

    start: int
    end: int
    text: bytes


class Mutation(NamedTuple):
    """One change of a module: what becomes what, by which edits, and from which to which line its statement is.

    ``at_import`` tells what is executed as the module is imported from what is executed when a function is called.
    """

    what: str
    edits: tuple[Edit, ...]
    lines: tuple[int, int]
    at_import: bool


def mutations(source: bytes) -> list[Mutation]:
    """All changes of a module, in the order of its text. Raises SyntaxError."""
    found = _Finder(source).of_module()
    return sorted(found, key=lambda mutation: (mutation.edits[0].start, mutation.what))


def mutated(source: bytes, mutation: Mutation) -> bytes:
    """The module with one change made."""
    for edit in sorted(mutation.edits, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
    return source


class _Finder:
    """Walks through the statements of a module, and through the expressions of each."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._lines = (0, 0)
        self._depth = 0

    def of_module(self) -> Iterator[Mutation]:
        return self._body(ast.parse(self._source).body)

    # -- statements ---------------------------------------------------------------------------------------------------

    def _body(self, statements: list[ast.stmt]) -> Iterator[Mutation]:
        for statement in statements:
            if not _declares(statement):
                yield from self._statement(statement)

    def _statement(self, statement: ast.stmt) -> Iterator[Mutation]:
        self._lines = _own_lines(statement)
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for default in [*statement.args.defaults, *statement.args.kw_defaults]:
                yield from self._expression(default)
            self._depth += 1
            yield from self._body(statement.body)
            self._depth -= 1
        elif isinstance(statement, ast.ClassDef):
            yield from self._body(statement.body)
        else:
            yield from self._effect(statement)
            for child in ast.iter_child_nodes(statement):
                if child is not getattr(statement, "annotation", None):
                    self._lines = _own_lines(statement)
                    yield from self._part(child)

    def _part(self, node: ast.AST) -> Iterator[Mutation]:
        """A part of a compound statement: its expressions, and what it holds of statements."""
        if isinstance(node, ast.stmt):
            yield from self._body([node])
        elif isinstance(node, ast.expr):
            yield from self._expression(node)
        elif isinstance(node, ast.ExceptHandler | ast.match_case | ast.withitem):
            # Patterns and kinds of errors declare; what is done about them, and when, does not.
            for child in ast.iter_child_nodes(node):
                if child is not getattr(node, "type", None):
                    yield from self._part(child)

    def _effect(self, statement: ast.stmt) -> Iterator[Mutation]:
        """Changes of a statement as a whole, and of the condition it begins with."""
        if isinstance(statement, ast.If | ast.While):
            yield from self._condition(statement.test)
        elif isinstance(statement, ast.Return):
            if statement.value is not None and not _is_none(statement.value):
                yield self._replaced(statement, "return nothing", b"return None")
        elif isinstance(statement, ast.Continue):
            yield self._replaced(statement, "continue becomes break", b"break")
        elif isinstance(statement, ast.Break):
            yield self._replaced(statement, "break becomes continue", b"continue")
        elif isinstance(statement, ast.AugAssign):
            old, new = ARITHMETIC[type(statement.op)]
            edit = self._operator(statement.target, f"{old}=", f"{new}=")
            yield self._mutation(f"{old}= becomes {new}=", edit)
        if _is_for_its_effect(statement):
            yield self._replaced(statement, "statement removed", b"pass")

    # -- expressions --------------------------------------------------------------------------------------------------

    def _expression(self, node: ast.AST | None) -> Iterator[Mutation]:
        if node is None or isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and self._joins_types(node)):
            return
        yield from self._change(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(node, ast.Call) and child in _saying(node):
                continue
            if isinstance(node, ast.Lambda) and child is node.args:
                for default in [*node.args.defaults, *node.args.kw_defaults]:
                    yield from self._expression(default)
                continue
            yield from self._expression(child)

    def _change(self, node: ast.AST) -> Iterator[Mutation]:
        """Changes of an expression itself, whatever is in it."""
        if isinstance(node, ast.Compare):
            yield from self._comparison(node)
        elif isinstance(node, ast.BoolOp):
            yield self._junction(node)
        elif isinstance(node, ast.BinOp):
            old, new = ARITHMETIC[type(node.op)]
            edits = [self._operator(node.left, old, new), *self._brackets(node)]
            yield self._mutation(f"{old} becomes {new}", *edits)
        elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
            start, operand = self._offsets(node)[0], self._offsets(node.operand)[0]
            opening = self._source[start:operand].find(b"(")
            end = operand if opening < 0 else start + opening
            yield self._mutation(f"{self._source[start:end].decode().strip()} removed", Edit(start, end, b""))
        elif isinstance(node, ast.IfExp):
            yield from self._condition(node.test)
        elif isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield from self._condition(test)
        elif isinstance(node, ast.Constant):
            yield from self._constant(node)

    def _comparison(self, node: ast.Compare) -> Iterator[Mutation]:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            old, new = COMPARISONS[type(operator)]
            yield self._mutation(f"{old} becomes {new}", self._operator(left, old, new))
            left = right

    def _junction(self, node: ast.BoolOp) -> Mutation:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        edits = [self._operator(value, old, new) for value in node.values[:-1]]
        return self._mutation(f"{old} becomes {new}", *edits, *self._brackets(node))

    def _condition(self, test: ast.expr) -> Iterator[Mutation]:
        is_negated_elsewhere = isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], NEGATED)
        if not is_negated_elsewhere and not isinstance(test, ast.UnaryOp | ast.Constant):
            start, end = self._offsets(test)
            yield self._mutation("condition negated", Edit(start, start, b"(not ("), Edit(end, end, b"))"))

    def _constant(self, node: ast.Constant) -> Iterator[Mutation]:
        new: object
        if isinstance(node.value, bool):
            new = not node.value
        elif isinstance(node.value, int | float):
            new = node.value + 1
        elif isinstance(node.value, str) and not re.search(r"\s", node.value):
            new = f"XX{node.value}XX"
        else:
            return
        yield self._replaced(node, f"{node.value!r} becomes {new!r}", repr(new).encode())

    # -- edits --------------------------------------------------------------------------------------------------------

    def _mutation(self, what: str, *edits: Edit) -> Mutation:
        return Mutation(what, tuple(sorted(edits)), self._lines, at_import=self._depth == 0)

    def _replaced(self, node: ast.stmt | ast.expr, what: str, text: bytes) -> Mutation:
        return self._mutation(what, Edit(*self._offsets(node), text))

    def _operator(self, left: ast.expr, old: str, new: str) -> Edit:
        """The operator after ``left`` replaced; blanks within `not in` and `is not` may be many."""
        pattern = re.compile(rb"\s+".join(map(re.escape, old.encode().split())))
        before = BEFORE_OPERATOR.match(self._source, self._offsets(left)[1])
        assert before is not None
        found = pattern.match(self._source, before.end())
        assert found is not None, f"{old} expected in line {left.end_lineno}"
        return Edit(found.start(), found.end(), new.encode())

    def _brackets(self, node: ast.expr) -> tuple[Edit, Edit]:
        """The new operator may bind less than the old one did: what it joined stays joined."""
        start, end = self._offsets(node)
        return Edit(start, start, b"("), Edit(end, end, b")")

    def _offsets(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[node.end_lineno - 1] + node.end_col_offset

    def _joins_types(self, node: ast.BinOp) -> bool:
        return isinstance(node.op, ast.BitOr) and self._depth == 0


def _declares(statement: ast.stmt) -> bool:
    """Whether a statement has nothing that a test could see, or that only a type checker or a script's start reads."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.If):
        return ast.unparse(statement.test) in ("TYPE_CHECKING", "__name__ == '__main__'")
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0]) == "__all__"
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.Assert | ast.Global | ast.Nonlocal)


def _is_for_its_effect(statement: ast.stmt) -> bool:
    """Whether a statement could be left out without a name being missed."""
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, ast.Attribute | ast.Subscript) for target in statement.targets)
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Yield | ast.YieldFrom)
    return isinstance(statement, ast.AugAssign | ast.Raise | ast.Delete)


def _saying(call: ast.Call) -> list[ast.AST]:
    """Arguments of a call that are there for the type checker, or assert what holds anyway."""
    if isinstance(call.func, ast.Name) and call.func.id in ("cast", "TypeVar"):
        return [*call.args[:1]]
    return [keyword for keyword in call.keywords if keyword.arg == "strict"]


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _own_lines(statement: ast.stmt) -> tuple[int, int]:
    """First and last line of a statement; of a compound one, of what stands before its body."""
    bodies = [child.lineno for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt)]
    last = min(bodies) - 1 if bodies else statement.end_lineno or statement.lineno
    return statement.lineno, max(statement.lineno, last)
