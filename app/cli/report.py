"""A run as people read it in a terminal: what it proposes and why, what it leaves and why, how to verify it."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import Any

from rich.text import Text
from sqlalchemy.orm import Session

from app.messages import render
from app.paging import PageQuery
from app.quarters import day_of
from app.runs import proposals, sentences
from app.runs.models import RunState
from app.runs.related import RelatedSubjects
from app.runs.schemas import PairingRead, RunRead, UnmatchedRead
from app.visibility import Viewer

#: Columns of the report.
WIDTH = 100
#: Entries of each kind that are printed unless all are asked for.
MOST = 100
#: What nearly every pairing rests on, told once: fact and basis -> the mark that stands for it.
MARKS = {("units", "assumed"): "*", ("validity", "not_stated"): "†", ("priority", "assumed"): "‡"}


@dataclass(frozen=True)
class Report:
    """A run with everything that it proposes and leaves, and the names in it."""

    run: RunRead
    pairings: list[PairingRead]
    unmatched: list[UnmatchedRead]
    names: sentences.Names
    #: Need's domain and offer of a pairing -> the domains of the offer that fit best, where that is none of them.
    related: dict[tuple[str, str], list[str]]

    @property
    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {"run": self.run, "pairings": self.pairings, "unmatched": self.unmatched}


#: Writes one pairing or unmatched need.
Entry = Callable[[Report, Any], Iterator[Text]]


def read(session: Session, viewer: Viewer, run: RunRead, needs: Sequence[str] = ()) -> Report:
    """The report of a run, or the part of it that is about some ``needs``."""
    if run.state is not RunState.DONE:
        return Report(run, [], [], sentences.Names.of(session, viewer, set(), set()), {})
    wanted = {"need": list(needs), "limit": 1000}
    paired = _every(
        lambda query: proposals.pairings(session, viewer, run.reference, query), proposals.PairingsQuery, wanted
    )
    left = _every(
        lambda query: proposals.unmatched(session, viewer, run.reference, query), proposals.UnmatchedQuery, wanted
    )
    intentions = [] if run.summary is None else run.summary.intentions
    parties = {row.requester for row in (*paired, *left)} | {row.provider for row in paired}
    parties |= {f"state:{row.member}" for row in (*paired, *left) if row.member}
    parties |= {intention.party for intention in intentions}
    related = _related(session, viewer, run, paired)
    domains = {row.domain for row in (*paired, *left)}.union(*related.values())
    names = sentences.Names.of(session, viewer, parties, domains)
    return Report(run, paired, left, names, related)


def _related(
    session: Session, viewer: Viewer, run: RunRead, paired: Sequence[PairingRead]
) -> dict[tuple[str, str], list[str]]:
    """The related subjects to which pairings are owed."""
    if not paired:
        return {}
    subjects = RelatedSubjects(json.loads(proposals.document(session, viewer, run.reference, "problem")))
    found = {(row.domain, row.offer): subjects.nearest(row.domain, row.offer) for row in paired}
    return {pair: domains for pair, domains in found.items() if domains}


def _every(page: Any, query: type[PageQuery], wanted: dict[str, Any]) -> list[Any]:
    """All items of a list, page after page."""
    items, cursor = [], None
    while True:
        found, following = page(query(**wanted, cursor=cursor))
        items += found
        cursor = following.cursor
        if cursor is None:
            return items


def lines(report: Report, *, everything: bool = False, in_detail: bool = False) -> Iterator[Text]:
    """The lines of the report; long parts are cut short unless ``everything`` is wanted.

    With ``in_detail`` each rule that removed offers has its own sentence, and each fact that is not stated.
    """
    yield from _head(report.run)
    most = None if everything else MOST
    if report.pairings:
        yield from _title(f"Proposed pairings ({len(report.pairings)})")
        yield from _by_requester(report, report.pairings, _pairing_in_detail if in_detail else _pairing, most)
    if report.unmatched:
        yield from _title(f"Left unserved ({len(report.unmatched)})")
        yield from _left(report, most, _unmatched_in_detail if in_detail else _unmatched)
    if report.run.summary and report.run.summary.intentions and not in_detail:
        yield from _intentions(report, most)
    if not in_detail:
        yield from _marked(report)
    yield from _proof(report.run)


def _head(run: RunRead) -> Iterator[Text]:
    cut_off = day_of(run.cut_off)
    strategy = f"strategy {run.strategy.name}/{run.strategy.version}"
    yield Text(run.reference, style="bold") + Text(f"  {run.quarter}, records up to {cut_off} in New York, {strategy}")
    if run.revision_reason:
        yield from _wrapped(f"Revision {run.revision}: {run.revision_reason}", 0)
    if run.summary is None:
        stage = f": {sentences.stage(run.stage)} ({run.progress:.0%})" if run.stage and run.state == "running" else ""
        yield from _wrapped(run.failure.sentence if run.failure else f"{run.state.capitalize()}{stage}", 0)
        return
    figures = run.summary
    yield from _wrapped(
        f"{_count(figures.requests, 'formal request')} with {_count(figures.needs, 'need')}; "
        f"{_count(figures.offers, 'offer')}; {_count(figures.eligible_pairs, 'pair')} that no rule forbids.",
        0,
    )
    if figures.obstacle:
        yield from _wrapped(figures.obstacle.sentence, 0, "red")
    if figures.needs_met:
        yield from _wrapped(f"Met before, and so left out: {_count(figures.needs_met, 'need')}.", 0)
    yield from _wrapped(
        f"{figures.units_served} of {figures.units_asked} units served, {figures.points} points: "
        f"{run.status}, and checked.",
        0,
    )
    if figures.price_of_fairness:
        yield from _wrapped(sentences.price(figures.price_of_fairness.points, figures.price_of_fairness.total), 0)
    for sentence in sentences.unexplained(figures.unexplained, run.reference):
        yield from _wrapped(sentence, 0, "yellow")


def _title(text: str) -> Iterator[Text]:
    yield Text()
    yield Text(f"── {text} ".ljust(WIDTH, "─"), style="bold")


def _by_requester(report: Report, rows: Sequence[Any], entry: Entry, most: int | None) -> Iterator[Text]:
    names = report.names
    ordered = sorted(rows, key=lambda row: (names.party(row.requester), _need_key(row)))
    for requester, of_one in groupby(ordered[:most], key=lambda row: row.requester):
        yield Text()
        yield Text(names.party(requester), style="bold cyan")
        for need, entries in groupby(of_one, key=lambda row: (row.need, row.domain)):
            yield Text(f"  {need[0]}  ") + Text(names.domain(need[1]), style="italic")
            for row in entries:
                yield from entry(report, row)
    if most is not None and len(rows) > most:
        yield Text()
        yield from _wrapped(f"… {len(rows) - most} more: assist1540 show {report.run.reference} --full", 0, "dim")


def _need_key(row: Any) -> tuple[str, int, str]:
    request, _, number = row.need.rpartition("/")
    return request, int(number), row.member or ""


def _pairing(report: Report, pairing: PairingRead) -> Iterator[Text]:
    """A pairing in brief: what most pairings rest on is a mark."""
    yield _offered(report, pairing, "".join(_marks(pairing)), _firm(pairing))
    yield from _wrapped(_terms(pairing), 6)
    yield from _subject(report, pairing)
    others = [fact.model_dump() for fact in pairing.rests_on if (fact.fact, fact.basis) not in MARKS]
    for sentence in (*sentences.rests_on(others), *sentences.doubtful(pairing.doubtful)):
        yield from _wrapped(sentence, 6, "yellow")
    if pairing.conditions:
        yield from _wrapped(render("pairing.conditions", conditions=pairing.conditions), 6, "yellow")
    for alternate in (pairing.alternates or ())[:1]:
        yield from _wrapped(alternate.sentence, 6, "dim")


def _pairing_in_detail(report: Report, pairing: PairingRead) -> Iterator[Text]:
    yield _offered(report, pairing)
    yield from _subject(report, pairing)
    for sentence in pairing.sentences:
        yield from _wrapped(sentence, 6)
    for next_in_line in (pairing.alternates, pairing.runner_ups, pairing.rivals):
        for each in next_in_line or ():
            yield from _wrapped(each.sentence, 6, "dim")


def _offered(report: Report, pairing: PairingRead, marks: str = "", firm: str = "") -> Text:
    names = report.names
    member = f" for {names.party(f'state:{pairing.member}')}" if pairing.member else ""
    whose = f"{names.party(pairing.provider)} ({pairing.offer}){member}"
    line = f"→ {whose}, {_count(pairing.units, 'unit')}{marks}, {pairing.points} points{firm}"
    fragile = pairing.firmness is not None and pairing.firmness.fragile
    return Text("\n").join(_wrapped(line, 4, "yellow" if fragile else "green"))


def _firm(pairing: PairingRead) -> str:
    """How firm the pairing is, in brief."""
    if pairing.firmness is None:
        return ""
    return f", {'fragile' if pairing.firmness.fragile else 'firm'} {pairing.firmness.stays}/{pairing.firmness.settings}"


def _subject(report: Report, pairing: PairingRead) -> Iterator[Text]:
    """That the offer is for another subject than the need, where it is."""
    if domains := report.related.get((pairing.domain, pairing.offer)):
        yield from _wrapped(sentences.related([report.names.domain(domain) for domain in domains]), 6, "yellow")


def _terms(pairing: PairingRead) -> str:
    return ", ".join(f"{points} {render(f'term.{term}')}" for term, points in pairing.terms.items())


def _count(number: int, name: str) -> str:
    return f"1 {name}" if number == 1 else f"{number} {name}s"


def _marks(pairing: PairingRead) -> list[str]:
    """The marks of what the pairing rests on, in their order."""
    rests_on = {(fact.fact, fact.basis) for fact in pairing.rests_on}
    return [mark for fact, mark in MARKS.items() if fact in rests_on]


def _left(report: Report, most: int | None, entry: Entry) -> Iterator[Text]:
    """Needs that are compared with offers one by one, then the others under the reason that they share."""
    compared = [row for row in report.unmatched if row.code not in sentences.NOT_COMPARED]
    yield from _by_requester(report, compared, entry, most)
    for code in sentences.NOT_COMPARED:
        alike = [row for row in report.unmatched if row.code == code]
        if alike:
            yield Text()
            yield from _wrapped(f"{_count(len(alike), 'need')}: {alike[0].sentences[0]}", 0, "red")
            for change, rows in _by_change(alike):
                if change is not None:
                    yield from _wrapped(change, 2)
                yield from _wrapped(_joined(_whose(report, rows), most), 2 if change is None else 4)


def _by_change(rows: Sequence[UnmatchedRead]) -> list[tuple[str | None, list[UnmatchedRead]]]:
    """Needs under the change that would get them served."""
    found: dict[str | None, list[UnmatchedRead]] = {}
    for row in rows:
        found.setdefault(row.change.sentence if row.change else None, []).append(row)
    return list(found.items())


def _whose(report: Report, rows: Iterable[UnmatchedRead]) -> Iterator[str]:
    """Each requester with its needs."""
    ordered = sorted(rows, key=lambda row: (report.names.party(row.requester), _need_key(row)))
    for requester, of_one in groupby(ordered, key=lambda row: row.requester):
        yield f"{report.names.party(requester)} ({', '.join(row.need for row in of_one)})"


def _unmatched(report: Report, row: UnmatchedRead) -> Iterator[Text]:
    """An unmatched need in brief: what the rules did is one sentence."""
    yield _unserved(report, row)
    yield from _wrapped(sentences.in_brief(row.rules, row.eligible), 6)
    for sentence in row.sentences[1 + len(row.rules) :]:
        yield from _wrapped(sentence, 6)
    yield from _change(row)


def _unmatched_in_detail(report: Report, row: UnmatchedRead) -> Iterator[Text]:
    yield _unserved(report, row)
    for sentence in row.sentences[1:]:
        yield from _wrapped(sentence, 6)
    yield from _change(row)


def _change(row: UnmatchedRead) -> Iterator[Text]:
    """What would get the need served."""
    if row.change is not None:
        yield from _wrapped(row.change.sentence, 6, "cyan")


def _unserved(report: Report, row: UnmatchedRead) -> Text:
    member = f"{report.names.party(f'state:{row.member}')}: " if row.member else ""
    return Text("\n").join(_wrapped(f"✗ {member}{_count(row.units, 'unit')} left. {row.sentences[0]}", 4, "red"))


def _joined(parts: Iterable[str], most: int | None) -> str:
    """Short parts one after the other, the first ``most`` of them."""
    told = list(parts)
    hidden = len(told) - len(told[:most])
    return "; ".join([*told[:most], *([f"and {hidden} more (--full)"] if hidden else [])])


def _intentions(report: Report, most: int | None) -> Iterator[Text]:
    assert report.run.summary is not None
    intentions = report.run.summary.intentions
    yield from _title(f"Intentions ({len(intentions)}): followed up, not matched")
    told = (f"{report.names.party(each.party)} ({each.reference})" for each in intentions)
    yield from _wrapped(_joined(told, most), 0)


def _marked(report: Report) -> Iterator[Text]:
    """What the marks stand for that have been used."""
    used = {mark for pairing in report.pairings for mark in _marks(pairing)}
    told = [f"{mark} {render(f'mark.{fact}')}" for (fact, _), mark in MARKS.items() if mark in used]
    firm = next((pairing.firmness for pairing in report.pairings if pairing.firmness), None)
    if firm is not None:
        told.append(render("mark.firm", spread=firm.spread, fragile_below=firm.fragile_below))
    if told:
        yield Text()
    for line in told:
        yield from _wrapped(line, 0, "dim")


def _proof(run: RunRead) -> Iterator[Text]:
    if run.result_hash is not None:
        yield from _title("To verify")
        yield Text(f"input   {run.input_hash}")
        yield Text(f"result  {run.result_hash}")
        if run.summary and run.summary.verdict:
            yield Text(f"verdict {sentences.proved(run.summary.verdict.model_dump())}")
        if run.chain_head:
            yield Text(f"log     {run.chain_head.number}:{run.chain_head.link}")


def _wrapped(text: str, indent: int, style: str = "") -> Iterator[Text]:
    first, later = " " * indent, " " * (indent + 2)
    for line in wrap(text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False):
        yield Text(line, style=style)
