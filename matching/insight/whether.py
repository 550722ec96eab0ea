"""Why a pair is not proposed: the rule that it fails, or what it would lose in all and who would bear it."""

from typing import Any

from matching.attributes.eligibility import first_failing
from matching.attributes.profiles import Compiled
from matching.codes import Code
from matching.insight.edits import Imposed, NotWarm
from matching.insight.warm import Warm

Json = dict[str, Any]


class Answer(Code):
    """What there is to say of a pair."""

    PROPOSED = "PROPOSED", "it is proposed"
    RULE = "RULE", "it fails a rule"
    LOSS = "LOSS", "the optimum would lose by it"
    NO_LOSS = "NO_LOSS", "another optimum has it; lots or places decided"
    RULED_OUT = "RULED_OUT", "the leasts and mosts of the problem leave no room for it"
    NEW_SOLVE = "NEW_SOLVE", "only a new solve with the pair imposed can tell"


class Pairs:
    """Questions about pairs of one solved problem; not for several threads at once."""

    def __init__(self, compiled: Compiled, warm: Warm) -> None:
        self._compiled, self._problem, self._warm = compiled, compiled.judged.facts.problem, warm
        allocation = warm.outcome.allocation
        self._units = dict(
            zip(
                zip(allocation.need.tolist(), allocation.offer.tolist(), strict=True),
                allocation.units.tolist(),
                strict=True,
            )
        )

    def why(self, need: str, member: str | None, offer: str) -> Json:
        """What there is to say of a need, or of one member of it, with an offer. Raises KeyError for unknown ones.

        ``loss`` is what one unit of the pair, imposed, would take from the optimum, level by level; ``losers`` are the
        needs that would have fewer units. ``conditions_kept``: needs of groups were taken to stay as they are.
        """
        row, column = self._problem.row_of[need, member], self._problem.offer_of[offer]
        said = {"need": need, "member": member, "offer": offer, "units": self._units.get((row, column), 0)}
        said |= {"rule": None, "loss": None, "losers": [], "conditions_kept": self._warm.conditions_kept}
        return {**said, **self._answer(row, column)}

    def _answer(self, row: int, offer: int) -> Json:
        if (row, offer) in self._units:
            return {"code": str(Answer.PROPOSED)}
        rule = first_failing(self._compiled.judged.facts, row, offer)
        if rule is not None:
            return {"code": str(Answer.RULE), "rule": str(rule)}
        if row in self._compiled.model.conditions.needs:
            return {"code": str(Answer.NEW_SOLVE)}
        try:
            effect = self._warm.effect(Imposed(row, offer))
        except NotWarm:
            return {"code": str(Answer.NEW_SOLVE)}
        if effect is None:
            return {"code": str(Answer.RULED_OUT)}
        problem = self._problem
        losers = [
            {
                "need": problem.needs.ids[problem.rows.need[other]],
                "member": problem.rows.member_of(other),
                "units": units,
            }
            for other, units in sorted(effect.displaced.items())
        ]
        code = Answer.LOSS if any(effect.gain) else Answer.NO_LOSS
        return {"code": str(code), "loss": [-level for level in effect.gain], "losers": losers}
