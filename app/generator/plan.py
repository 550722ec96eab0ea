"""What is to be generated: the numbers, their limits, and the days that they span."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.quarters import InvalidQuarter, Quarter

#: Resolution 1540 was adopted on this day; nothing was asked for or offered before.
ADOPTED_ON = date(2004, 4, 28)
FIRST_QUARTER, LAST_QUARTER = Quarter(2004, 3), Quarter(2049, 4)


class ImpossiblePlan(ValueError):
    """The numbers lie outside their limits, or do not go together. Its text is one sentence for the user."""


@dataclass(frozen=True)
class Plan:
    """Numbers of records, and the quarters over which their dates are spread. Raises ImpossiblePlan."""

    needs: int
    offers: int
    groups: int
    quarters: int
    seed: int
    from_quarter: str

    LIMITS: ClassVar[dict[str, tuple[int, int]]] = {
        "needs": (1, 1_000_000),
        "offers": (1, 200_000),
        "groups": (0, 10_000),
        "quarters": (1, 40),
        "seed": (0, 2**63 - 1),
    }

    def __post_init__(self) -> None:
        for name, (least, most) in self.LIMITS.items():
            given = getattr(self, name)
            if not least <= given <= most:
                raise ImpossiblePlan(f"--{name} must be between {least} and {most}, not {given}")
        if self.groups > self.needs:
            raise ImpossiblePlan(
                f"each group submission has at least one need: --groups {self.groups} must not be more than "
                f"--needs {self.needs}"
            )
        try:
            first = Quarter.parse(self.from_quarter)
        except InvalidQuarter as error:
            raise ImpossiblePlan(f"--from-quarter: {error}") from error
        last = first.shifted(self.quarters - 1)
        if not FIRST_QUARTER <= first <= last <= LAST_QUARTER:
            raise ImpossiblePlan(
                f"the quarters must lie between {FIRST_QUARTER} and {LAST_QUARTER}, not from {first} to {last}"
            )

    @property
    def first_quarter(self) -> Quarter:
        """The quarter in which the oldest requests are dated."""
        return Quarter.parse(self.from_quarter)

    @property
    def last_quarter(self) -> Quarter:
        """The quarter in which the newest records are dated; its run takes them all."""
        return self.first_quarter.shifted(self.quarters - 1)

    @property
    def starts_on(self) -> date:
        """First day on which a request can be dated."""
        return self.first_quarter.first_day

    @property
    def ends_on(self) -> date:
        """Last day on which anything can be dated."""
        return self.last_quarter.last_day

    def __str__(self) -> str:
        """The options that give these records."""
        numbers = " ".join(f"--{name} {getattr(self, name)}" for name in self.LIMITS)
        return f"{numbers} --from-quarter {self.from_quarter}"

    @property
    def prefix(self) -> str:
        """What the references of all records begin with: S for synthetic, then the seed."""
        return f"S{self.seed}-"

    def reference(self, kind: str, number: int) -> str:
        """Reference of the ``number``-th record of a kind, such as ``S7-R-000001``."""
        return f"{self.prefix}{kind}-{number:06d}"
