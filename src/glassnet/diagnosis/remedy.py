"""`Remedy`: a change of settings, or of the columns, that may mend what a rule has found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Remedy:
    """A change that may mend what a rule has found.

    Without parameters and columns, it is to fit the same settings again, from other initial weights.

    Attributes
    ----------
    parameters : dict of str to value
        Parameters of the estimator to change.
    drop : tuple of str
        Columns to leave out of X.
    name : str
        What the parameters are together, if they are all that the user chose.

    Examples
    --------
    >>> Remedy({"learning_rate_init": 0.001, "solver": "adam"}).words
    "learning_rate_init=0.001, solver='adam'"
    >>> Remedy(drop=("id",)).words, Remedy().words
    ("X without the column 'id'", 'the same settings, fitted again')
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    name: str = ""

    @property
    def key(self) -> str:
        """The same text for the same change."""
        return repr((sorted((name, repr(value)) for name, value in self.parameters.items()), sorted(self.drop)))

    @property
    def is_repetition(self) -> bool:
        """Whether nothing is changed."""
        return not self.parameters and not self.drop

    @property
    def assignments(self) -> str:
        """The parameters as they are written in Python."""
        return ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())

    @property
    def words(self) -> str:
        """The change in words that can be pasted, as far as it is a change of parameters."""
        parts = [self.name or self.assignments] if self.parameters else []
        if self.drop:
            names = " and ".join(map(repr, self.drop))
            parts.append(f"X without the column{'s' if len(self.drop) > 1 else ''} {names}")
        return ", ".join(parts) or "the same settings, fitted again"

    def joined(self, other: "Remedy") -> "Remedy | None":
        """Return both changes as one; None if they change the same parameter, or one changes nothing or everything.

        >>> Remedy({"shuffle": True}).joined(Remedy({"max_iter": 400})).words
        'shuffle=True, max_iter=400'
        >>> Remedy({"max_iter": 100}).joined(Remedy({"max_iter": 400})) is None
        True
        """
        if self.is_repetition or other.is_repetition or self.name or other.name:
            return None
        if self.parameters.keys() & other.parameters.keys() or set(self.drop) & set(other.drop):
            return None
        return Remedy({**self.parameters, **other.parameters}, (*self.drop, *other.drop))

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return {"words": self.words, "parameters": dict(self.parameters), "drop": list(self.drop)}
