"""Which mutants are tried: all, those of some modules, or a sample that is the same from the same seed."""

from collections import Counter
from pathlib import Path

import pytest

from tests.mutation.judging import Verdict
from tests.mutation.mutants import Mutant, UnknownModule, mutants, sample
from tests.mutation.operators import Edit, Mutation
from tests.mutation.report import interval


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one module of the package itself and one of a subpackage."""
    for name, source in (("one.py", "a = 1\n"), ("inner/two.py", "a = 2\nb = 3\n")):
        path = tmp_path / "package" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    return tmp_path


def of(package: str, number: int) -> list[Mutant]:
    return [
        Mutant(Path(package, "a.py"), Mutation(str(each), (Edit(0, 0, b""),), (1, 1), False)) for each in range(number)
    ]


@pytest.mark.parametrize(
    ("modules", "whats"),
    [
        ([], ["2 becomes 3", "3 becomes 4", "1 becomes 2"]),
        (["package.one"], ["1 becomes 2"]),
        (["package.inner"], ["2 becomes 3", "3 becomes 4"]),
        (["package.inner", "package.inner.two"], ["2 becomes 3", "3 becomes 4"]),
    ],
)
def test_modules_are_asked_for_by_name(checkout: Path, modules: list[str], whats: list[str]) -> None:
    assert [mutant.mutation.what for mutant in mutants(checkout, "package", modules)] == whats


@pytest.mark.parametrize("name", ["package.three", "package/one.py", "other"])
def test_a_module_that_is_not_there_is_refused(checkout: Path, name: str) -> None:
    with pytest.raises(UnknownModule, match="package has no module"):
        mutants(checkout, "package", [name])


def test_each_package_has_its_share_of_a_sample() -> None:
    population = [*of("a", 60), *of("b", 30), *of("c", 10)]
    drawn = sample(population, 11, seed=1)
    assert Counter(str(mutant.package) for mutant in drawn) == {"a": 7, "b": 3, "c": 1}
    assert len(set(drawn)) == 11


def test_a_sample_is_the_same_from_the_same_seed_alone() -> None:
    population = [*of("a", 60), *of("b", 30)]
    assert sample(population, 20, seed=1) == sample(population, 20, seed=1)
    assert sample(population, 20, seed=1) != sample(population, 20, seed=2)


def test_a_sample_as_large_as_all_is_all() -> None:
    population = of("a", 5)
    assert set(sample(population, 9, seed=1)) == set(population)


def test_where_all_were_tried_the_score_is_certain_and_else_it_has_its_interval() -> None:
    verdicts = [Verdict.KILLED] * 80 + [Verdict.SURVIVED] * 20
    assert interval(verdicts, 100) == (0.8, 0.8)
    # Wilson's interval for 80 of 100
    assert interval(verdicts, 10_000) == pytest.approx((0.7112, 0.8666), abs=1e-4)
