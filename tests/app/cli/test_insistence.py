"""Ctrl-C that strikes inside a destructor, where Python drops exceptions, still ends the command with one sentence."""

import subprocess
import sys

import pytest

from tests.commands import environment

pytestmark = pytest.mark.once

STRUCK_IN_A_DESTRUCTOR = """
import os, signal, sys, time
import app.cli, app.cli.errors

class Struck:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass

def command(arguments):
    struck = Struck()
    del struck
    time.sleep(20)
    return 0

app.cli.errors.guarded = command
app.cli.main()
"""


def test_ctrl_c_inside_a_destructor_ends_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STRUCK_IN_A_DESTRUCTOR],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "assist1540: interrupted; nothing was half-written\n"
