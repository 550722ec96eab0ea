"""Python runs this as a program starts that a test has started: the lines that it executes are charged to the test."""

import atexit
import os
import subprocess
from contextlib import suppress
from typing import NoReturn

if "MUTATION_REACH" in os.environ and "PYTEST_CURRENT_TEST" in os.environ:
    import coverage

    measured = coverage.Coverage(
        data_file=os.path.join(os.environ["MUTATION_REACH"], f"program.{os.getpid()}"),
        source=[os.environ["MUTATION_SOURCE"]],
        context=os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0],
        config_file=False,
    )
    measured.start()
    end_at_once, kill = os._exit, subprocess.Popen.kill

    @atexit.register
    def save() -> None:
        """Write down what was executed."""
        measured.stop()
        measured.save()

    def save_and_end(status: int) -> NoReturn:
        """What a program calls that has nothing left to do, and would skip what is registered."""
        save()
        end_at_once(status)

    def let_save_and_kill(process: "subprocess.Popen[bytes]") -> None:
        """Kill a program that has said all it had to say, but not while it writes down what it did."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(2)
        kill(process)

    os._exit = save_and_end
    subprocess.Popen.kill = let_save_and_kill  # type: ignore[assignment, method-assign]
