"""A worker whose solver takes its time: ``python -m tests.app.runs.slow_worker URL``."""

import sys

from app.runs.jobs import work

if __name__ == "__main__":
    work(sys.argv[1], command=(sys.executable, "-m", "tests.app.runs.planted", "slow"))
