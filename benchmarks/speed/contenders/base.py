"""What every contender can do, and how it says that it cannot."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from benchmarks.speed.task import Layers, Settings, Task


class Missing(Exception):
    """A library that is not on this machine; the text says which, and how to get it."""


class Contender(ABC):
    """One library that trains a task's network in its own fast and usual way.

    Made with a task and a variant; then `start` and `run` in turn, as often as wished. Only `run` is timed; it does the
    whole of the task's steps and returns when the weights are there.
    """

    @classmethod
    def check(cls) -> None:
        """Raise `Missing` if something that is no Python package is not there."""
        return None

    @classmethod
    def variants(cls, cores: int) -> list[dict[str, Any]]:
        """Return the ways to run it that are tried; the fastest counts. `threads` is also set in the environment."""
        return [{"threads": threads} for threads in sorted({1, cores})]

    @classmethod
    def refuses(cls, settings: Settings) -> str | None:
        """Say why this library cannot do a task's work; None if it can."""
        return None

    @classmethod
    def seated(cls, path: Path, **variant: Any) -> "Contender":
        """Return a contender with the task from a file."""
        return cls(Task.load(path), **variant)

    @abstractmethod
    def __init__(self, task: Task, **variant: Any) -> None:
        """Import the library, hand it the data, build the network."""

    @abstractmethod
    def start(self) -> None:
        """Go back to the task's start weights, with a solver that remembers nothing."""

    @abstractmethod
    def run(self) -> None:
        """Train for the task's epochs."""

    @abstractmethod
    def layers(self) -> Layers:
        """Return the weights as they are now: W (n_out, n_in) and b (n_out,) of each layer."""
