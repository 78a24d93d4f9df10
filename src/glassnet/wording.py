"""Parameter names in messages, as the reader types them. Floor 0.

Messages name a parameter as Python code does, ``epochs=0``. The estimators call it ``max_iter`` and the command line
``--epochs``. `Vocabulary.rewrite` replaces the names in a message. Quoted text comes from the user and is not changed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from glassnet.errors import GlassnetError

_QUOTED = r"""(?<!\w)'(?:[^'\\\n]|\\.)*'(?!\w)|(?<!\w)"(?:[^"\\\n]|\\.)*"(?!\w)"""
_VALUE = rf"(?:{_QUOTED}|\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\]|\.\.\.|[\w+-]+(?:\.\d[\w+-]*|\.\d+)?)"
# A folder may be called year=2020: text next to a slash is a path.
_ASSIGNED = re.compile(rf"(?<![\w./\\[-])(?P<name>[a-z]\w*)(?: = |=)(?!=|[\w.+-]*/)(?P<value>{_VALUE})?|{_QUOTED}")
_TITLE = re.compile(rf"(?P<name>[a-z]\w*) (?P<value>{_QUOTED})(?=:| is not known)")
_ADVICE = re.compile(r"; (?P<options>[^;]*?)(?P<end>[.?]?)$")
_ABSENT = "\x00"


def counted(n: int, what: str) -> str:
    """Return a count with its noun, in the plural if needed.

    >>> counted(1, "epoch"), counted(2000, "epoch")
    ('1 epoch', '2,000 epochs')
    """
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def _python(name: str, value: str) -> str:
    return f"{name}={value}"


@dataclass(frozen=True)
class Vocabulary:
    """The parameter names of one interface.

    Attributes
    ----------
    names : dict of str to str or None
        From the name in a message to the name here; None if there is no such parameter, so that no advice mentions it.
    write : callable
        ``write(name, value)`` with the value as Python code; by default ``name=value``.
    phrases : dict of str to str
        Other texts and their replacements.

    Examples
    --------
    >>> estimator = Vocabulary({"epochs": "max_iter", "validation": None})
    >>> estimator.rewrite("epochs=0 must be a whole number from 1 upwards.")
    'max_iter=0 must be a whole number from 1 upwards.'
    >>> estimator.rewrite("none are held out; use epochs=3, or pass validation=(X, Y).")
    'none are held out; use max_iter=3.'
    >>> estimator.rewrite("there is no column 'epochs=0'.")
    "there is no column 'epochs=0'."
    """

    names: Mapping[str, str | None]
    write: Callable[[str, str], str] = _python
    phrases: Mapping[str, str] = field(default_factory=dict)

    def rewrite(self, sentence: str) -> str:
        """Return the message with these names."""
        title = _TITLE.match(sentence)
        start = self._titled(title) if title else ""
        rest = sentence[title.end() :] if title else sentence
        for phrase, instead in self.phrases.items():
            rest = rest.replace(phrase, instead)
        told = start + _ASSIGNED.sub(self._assigned, rest)
        told = _without_absent(told) if _ABSENT in told else told
        return told if told.endswith((".", "?")) or not sentence.endswith(".") else f"{told}."

    @contextmanager
    def spoken(self) -> Iterator[None]:
        """Rewrite the messages of errors raised inside this context."""
        try:
            yield
        except GlassnetError as error:
            if len(error.args) == 1 and isinstance(error.args[0], str):
                error.args = (self.rewrite(error.args[0]),)
            raise

    def _titled(self, found: re.Match[str]) -> str:
        name = self.names.get(found["name"])
        return found[0] if name is None or name == found["name"] else self.write(name, found["value"])

    def _assigned(self, found: re.Match[str]) -> str:
        if found["name"] is None or found["name"] not in self.names:
            return found[0]
        name = self.names[found["name"]]
        return f"{_ABSENT}{found[0]}{_ABSENT}" if name is None else self.write(name, found["value"] or "")


def _without_absent(sentence: str) -> str:
    """Drop advice about parameters that do not exist here; outside the advice the name stays."""
    found = _ADVICE.search(sentence)
    if found is not None:
        offered = [option for option in re.split(r",? or |, (?![^(]*\))", found["options"]) if _ABSENT not in option]
        advice = f"; {', or '.join(offered)}" if offered else ""
        sentence = sentence[: found.start()] + advice + found["end"]
    return sentence.replace(_ABSENT, "")
