"""Where a command writes a file to: one that is there only once it is whole, or standard output, a pipe, a device."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from app.cli.errors import WrongInput

#: As other programs have it: a file of this name is standard output.
STANDARD_OUTPUT = Path("-")


@contextmanager
def written(output: Path) -> Iterator[IO[bytes]]:
    """A file that appears at ``output`` when all of it is written, and not before; a pipe or device is written as is.

    A link stays one, and the file that it leads to is replaced. Raises WrongInput for a place that holds no file.
    """
    if output == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif output.is_dir():
        raise WrongInput(f"{output} is a folder; name a file")
    elif output.exists() and not output.is_file():
        with output.open("wb") as file:
            yield file
    else:
        with _replacing(output) as file:
            yield file


@contextmanager
def _replacing(output: Path) -> Iterator[IO[bytes]]:
    target = Path(os.path.realpath(output))
    if not target.parent.is_dir():
        raise WrongInput(f"there is no folder {target.parent}")
    try:
        unfinished = NamedTemporaryFile(dir=target.parent, prefix=".assist1540.", delete=False)  # noqa: SIM115
    except OSError as error:
        error.filename = str(output)  # nobody knows the file by the name that it has meanwhile
        raise
    with unfinished as file:
        part = Path(file.name)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.chmod(0o666 & ~_umask())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
