"""Ctrl-C that shows as another error."""


def was_interrupted(error: BaseException) -> bool:
    """Whether Ctrl-C caused an error: a library that tidies up after it may stumble, and raise an error of its own.

    Whoever raises ``from None`` or from another cause has said all about the interruption that there is to say.
    """
    before: BaseException | None = error
    while before is not None and not isinstance(before, KeyboardInterrupt):
        before = before.__cause__ if before.__suppress_context__ else before.__context__
    return before is not None
