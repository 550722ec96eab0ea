"""Prints the OpenAPI document of this version, without any database: ``python -m app.openapi``.

``openapi/openapi.json`` is that output, so that review shows each change of the API.
"""

from app.contract import rendered
from app.main import create_app
from app.settings import Settings


def document() -> str:
    """The document as text."""
    return rendered(create_app(Settings(database_url="postgresql://nowhere/none")).openapi())


if __name__ == "__main__":
    print(document(), end="")
