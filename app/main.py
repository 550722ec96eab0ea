"""The web application: ``create_app(settings)`` mounts every router and alone sees every part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.answers.routes import router as answers
from app.contract import describe
from app.database import make_engine
from app.offers.routes import router as offers
from app.parties.exclusion_routes import router as exclusions
from app.parties.routes import router as parties
from app.problems import Problem, answer_problem
from app.reference.routes import router as reference
from app.requests.group_routes import router as group_submissions
from app.requests.routes import router as requests
from app.runs.explanation_routes import router as explanations
from app.runs.preview_routes import router as preview
from app.runs.routes import router as runs
from app.scenarios.routes import router as scenarios
from app.service_routes import router as service
from app.settings import Settings
from app.strategies.routes import router as strategies
from app.transport import Transport
from app.validation import answer_database, answer_http, answer_validation, known_parameters
from app.version import own_version

ROUTERS = (
    service, reference, parties, requests, group_submissions, offers, exclusions, answers, strategies, runs,
    explanations, preview, scenarios,
)  # fmt: skip

#: Bytes. A request with hundreds of needs is far below; larger sets come through the importer.
MAX_BODY = 2_000_000

#: Milliseconds after which PostgreSQL stops a statement of ours.
STATEMENT_TIMEOUT = 15_000

#: As many connections as there are threads for handlers, so that none waits for another's.
POOL = {"pool_size": 10, "max_overflow": 30, "pool_timeout": 5}


def create_app(settings: Settings) -> FastAPI:
    """The application on the database that ``settings.database_url`` names.

    The embedded server, where one is used, is started by the caller, who passes its address in.
    """
    if settings.database_url is None:
        raise ValueError("create_app needs settings.database_url")
    engine = make_engine(
        settings.database_url,
        connect_args={"connect_timeout": 5, "options": f"-c statement_timeout={STATEMENT_TIMEOUT}"},
        **POOL,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        engine.dispose()

    app = FastAPI(
        title="assist1540",
        version=own_version(),
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(known_parameters)],
    )
    app.state.engine = engine
    app.state.settings = settings
    app.state.routes = [route for router in ROUTERS for route in router.routes]
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Problem, answer_problem)
    app.add_exception_handler(RequestValidationError, answer_validation)
    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(DBAPIError, answer_database)
    app.add_exception_handler(PoolTimeout, answer_database)
    app.add_middleware(Transport, hosts={"localhost", "127.0.0.1", "[::1]", settings.host}, max_body=MAX_BODY)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app
