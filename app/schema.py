"""Every model in one place, for migrations: importing this module fills ``Base.metadata``."""

from app.answers.models import Answer
from app.database import Base
from app.events.models import Event, EventPayload, History
from app.imports.models import Import
from app.offers.models import Offer
from app.parties.models import Exclusion, GroupFacts, Membership, Party, StateFacts
from app.reference.models import CodeList, Domain, GroupKind, Modality, Region, Relatedness, WeaponScope
from app.requests.models import Beneficiary, Need, Request
from app.runs.models import Pairing, Run, RunDocument, Unmatched
from app.scenarios.models import Scenario, Study, StudyProblem
from app.strategies.models import Strategy

__all__ = [
    "Answer",
    "Base",
    "Beneficiary",
    "CodeList",
    "Domain",
    "Event",
    "EventPayload",
    "Exclusion",
    "GroupFacts",
    "GroupKind",
    "History",
    "Import",
    "Membership",
    "Modality",
    "Need",
    "Offer",
    "Pairing",
    "Party",
    "Region",
    "Relatedness",
    "Request",
    "Run",
    "RunDocument",
    "Scenario",
    "StateFacts",
    "Strategy",
    "Study",
    "StudyProblem",
    "Unmatched",
    "WeaponScope",
]
