"""Why a run does not start, said in a sentence."""


class Refusal(Exception):
    """The run cannot start; the message is for the person at the terminal."""
