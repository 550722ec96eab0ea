"""``python -m app.cli`` is ``assist1540``."""

from app.cli import main

main()
