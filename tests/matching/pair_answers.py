"""Answers to problems of the pair form as the engine writes them, read back from JSON."""

import json
from typing import Any

from matching import optimise
from matching.certificate.digests import hash_of_answer
from matching.model import Model
from matching.pairs import answer
from matching.pairs import modelling as pairs
from matching.pairs.document import PairsProblem

Json = dict[str, Any]


def model_of(document: Json) -> Model:
    """The model of a valid document."""
    return pairs.model(PairsProblem.from_document(document))


def answer_to(document: Json) -> Json:
    """The engine's answer."""
    problem = PairsProblem.from_document(document)
    model = pairs.model(problem)
    read: Json = json.loads(json.dumps(answer.write(problem, model, optimise.optimise(model))))
    return read


def rehashed(document: Json) -> Json:
    """An answer, changed by whoever then took care to hash it again."""
    return {**document, "result_hash": hash_of_answer(document)}
