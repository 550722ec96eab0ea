"""Examples of answers: what is answered when they are read, amended and withdrawn."""

from app.examples import Json

ANSWER: Json = {
    "classification": "unclassified",
    "dated_on": "2015-05-20",
    "date_precision": "day",
    "date_note": None,
    "document": "Letter of 20 May 2015",
    "source_urls": [],
    "confidence": "high",
    "synthetic": False,
    "summary": None,
    "withdrawn_on": None,
    "withdrawn_reason": None,
    "version": 1,
    "content_hash": "c340b79da5e7437a076eaccc32ea957ae99dfc51a421ce03abb7be9c34465b0f",
    "recorded_at": "2026-11-24T21:02:05.974747Z",
    "updated_at": "2026-11-24T21:02:05.974747Z",
    "reference": "A-NZL-2015-1",
    "need": "R-MNG-2015/1",
    "offer": "O-NZL-2015",
    "units": 1,
    "state": "accepted",
    "reason": None,
}
AMENDED_ANSWER: Json = ANSWER | {
    "summary": "Course held in Ulaanbaatar, 14-18 September",
    "version": 2,
    "content_hash": "b03cd38751531638c51b0273089d0fd812ae058578764cf8eabde25c9efefbae",
    "updated_at": "2026-11-24T21:02:05.992218Z",
    "state": "delivered",
}
WITHDRAWN_ANSWER: Json = AMENDED_ANSWER | {
    "withdrawn_on": "2016-03-04",
    "withdrawn_reason": "Replaced by the note verbale of 3 March 2016",
    "version": 3,
    "content_hash": "bf5c328bc3be473433662de2a1a5279d85b054068658e466e7423562e85cf14f",
    "updated_at": "2026-11-24T21:02:06.013147Z",
}
ANSWER_VERSION: Json = {
    "number": 2,
    "known_from": "2026-11-24T21:02:05.909183Z",
    "action": "amended",
    "actor": "local",
    "changed": ["/state", "/summary"],
}
