# %% [markdown]
# # The engine alone
# Needs, offers and the points of each pair go in; the best pairings come out, with a proof that anyone can check.
# Run the file as it is, or cell by cell in an editor that knows `# %%`.

# %%
from typing import Any

import matching
from matching.certificate import check_answer
from matching.optimum.flow import by_highs, by_networkx

problem: dict[str, Any] = {
    "format": "matching/1",
    "quarter": "2015-Q2",
    "objective": "equal_treatment",
    "needs": [
        {"id": "A/border", "state": "A", "units": 2},
        {"id": "A/law", "state": "A", "units": 1},
        {"id": "B/border", "state": "B", "units": 1, "date": "2014-05-01"},
        {"id": "C/law", "state": "C", "units": 1},
    ],
    "offers": [{"id": "detectors", "units": 2}, {"id": "drafting", "units": 1}],
    "pairs": [
        {"need": "A/border", "offer": "detectors", "points": 90},
        {"need": "B/border", "offer": "detectors", "points": 80},
        {"need": "A/law", "offer": "drafting", "points": 60},
        {"need": "C/law", "offer": "drafting", "points": 55},
    ],
}

# %% [markdown]
# ## Points alone, and equal treatment
# By points alone, A would get everything. What the second and third unit of a State earn beside their points is less
# than what the first one of another earns, so the units are spread.

# %%
for objective in ("points", "equal_treatment"):
    answer = matching.solve_document({**problem, "objective": objective})
    print(objective, answer["objective"], answer["served"])
    for pairing in answer["pairs"]:
        print("   ", pairing["need"], "<-", pairing["offer"], pairing["units"])

# %% [markdown]
# ## Nothing is believed without a proof
# The checker shares no code with the solver. From the prices in the answer it works out that nothing can be better.

# %%
verdict = check_answer(problem, answer)
print("sound:", verdict.sound, "| proved:", verdict.proved, "| bound:", list(verdict.bound))

# %% [markdown]
# ## Every solver, the same pairings
# Several allocations may be worth the same; which one it is does not depend on who found it.

# %%
hashes = {matching.solve_document(problem, solver=solver)["result_hash"] for solver in (by_highs, by_networkx)}
print("one result:", hashes == {answer["result_hash"]})

# %% [markdown]
# ## What cannot be is said in a sentence

# %%
promised = [{**need, "least": need["units"]} for need in problem["needs"]]
impossible = matching.solve_document({**problem, "needs": promised})
print(impossible["status"], "|", impossible["reason"]["sentence"])

# %% [markdown]
# ## Arrays instead of documents
# For whoever has the pairs in NumPy already.

# %%
found = matching.solve_pairs(
    need_units=[2, 1, 1], offer_units=[2, 1], need=[0, 1, 1, 2], offer=[0, 0, 1, 1], points=[9, 7, 6, 5]
)
print(found.status, found.total, found.units.tolist())
