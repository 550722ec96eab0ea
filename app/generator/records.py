"""All records of a plan, in an order in which each finds those that it names."""

from collections.abc import Iterator

from app.generator.answers import Answering, Shelf
from app.generator.exclusions import exclusions
from app.generator.groups import group_submissions, sizes
from app.generator.offers import offers
from app.generator.plan import Plan
from app.generator.requests import requests
from app.generator.setting import Line, Setting


def records(plan: Plan) -> Iterator[Line]:
    """Offers, exclusions, group submissions, then requests with their answers: made one by one, never held.

    The same plan gives the same lines on every machine and every Python, whatever a database holds.
    """
    setting = Setting.of(plan)
    shelf = Shelf(setting)
    for lines in offers(setting):
        if len(lines) == 1:
            shelf.keep(lines[0].body)
        yield from lines
    excluded = set()
    for (line,) in exclusions(setting, shelf.provider_of()):
        excluded.add((line.body["by_party"], line.body["other_party"]))
        yield line
    for lines in group_submissions(setting):
        yield from lines
    answering = Answering(setting, shelf, excluded)
    for lines in requests(setting, plan.needs - sum(sizes(setting))):
        yield from lines
        if len(lines) == 1:
            yield from answering.to(lines[0].body)
