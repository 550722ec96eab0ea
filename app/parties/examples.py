"""Examples of exclusions: what is answered when they are read, amended and withdrawn."""

from app.examples import Json

EXCLUSION: Json = {
    "classification": "unclassified",
    "dated_on": "2016-02-02",
    "date_precision": "day",
    "date_note": None,
    "document": None,
    "source_urls": [],
    "confidence": "high",
    "synthetic": False,
    "summary": None,
    "withdrawn_on": None,
    "withdrawn_reason": None,
    "version": 1,
    "content_hash": "bce52fcfe25a1384b5f75ad427beb01dd3378242eda7dd25028e8c7873f0a3fc",
    "recorded_at": "2026-11-24T21:02:05.945119Z",
    "updated_at": "2026-11-24T21:02:05.945119Z",
    "reference": "X-AUS-NZL-2016",
    "by_party": "state:AUS",
    "other_party": "state:NZL",
    "offer": None,
    "reason": "Both run the same programme; served by their own arrangement",
    "source": "Letter of 2 February 2016",
    "expires_on": None,
}
AMENDED_EXCLUSION: Json = EXCLUSION | {
    "version": 2,
    "content_hash": "d9e37d0cc7b259f9d8627fe40a4482b029d1e628a32d0a7bf823cfdb84b0cc23",
    "updated_at": "2026-11-24T21:02:05.963845Z",
    "expires_on": "2018-12-31",
}
WITHDRAWN_EXCLUSION: Json = AMENDED_EXCLUSION | {
    "withdrawn_on": "2016-03-04",
    "withdrawn_reason": "Replaced by the note verbale of 3 March 2016",
    "version": 3,
    "content_hash": "a89cfee24a6ba0000c17c4672e15720c7b53c1f4fb46c0e8613d0595ef931004",
    "updated_at": "2026-11-24T21:02:06.003068Z",
}
EXCLUSION_VERSION: Json = {
    "number": 2,
    "known_from": "2026-11-24T21:02:05.914183Z",
    "action": "amended",
    "actor": "local",
    "changed": ["/expires_on"],
}
