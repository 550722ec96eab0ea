"""Verifies an answer from the problem alone, with the standard library alone, sharing nothing with what solved it.

verdict = check_answer(problem, answer)   # parsed JSON documents of the pair form
verdict.sound, verdict.proved, verdict.defects
"""

from matching.certificate.proposal import Defect
from matching.certificate.reading import Unreadable
from matching.certificate.verdict import Proved, Verdict, check_answer, explained

__all__ = ["Defect", "Proved", "Unreadable", "Verdict", "check_answer", "explained"]
