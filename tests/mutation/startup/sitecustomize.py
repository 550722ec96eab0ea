"""Python runs this as a program starts that a test has started: the lines that it executes are charged to the test."""

import atexit
import os

if "MUTATION_REACH" in os.environ and "PYTEST_CURRENT_TEST" in os.environ:
    import coverage

    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0]
    measured = coverage.Coverage(
        data_file=os.path.join(os.environ["MUTATION_REACH"], f"program.{os.getpid()}"),
        source=[os.environ["MUTATION_SOURCE"]],
        context=test,
        config_file=False,
    )
    measured.start()

    @atexit.register
    def save() -> None:
        measured.stop()
        measured.save()
