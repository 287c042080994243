"""What is told of a failure."""

from dataclasses import dataclass

YOURSELF = "Nobody: you can do this yourself."
FOUNDER = "Your founder."
SUPPORT = "AWS Support, from the signed-in console of the very account."

Sign = str | tuple[str, ...]
"""A phrase that gives the failure away, or several that do so together."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`now`: what to do, in order. `paste`: ready to send to whomever `ask` names.

    `is_general`: a code that many failures share; one that is more exact wins over it.
    """

    key: str
    title: str
    cause: str
    now: tuple[str, ...]
    ask: str
    signs: tuple[Sign, ...]
    paste: str = ""
    is_general: bool = False
