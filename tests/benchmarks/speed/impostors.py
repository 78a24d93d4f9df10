"""Contenders for tests: an honest one, and those that must get no time."""

from benchmarks.speed.agreement import reference_run
from benchmarks.speed.contenders.base import Contender, Missing


class Honest(Contender):
    def __init__(self, task):
        self.task = task

    def start(self):
        self.trained = self.task.layers

    def run(self):
        self.trained = reference_run(self.task)

    def layers(self):
        return self.trained


class OtherWeights(Honest):
    """Begins somewhere else."""

    def __init__(self, task):
        super().__init__(task)
        for W, _ in task.layers:
            W *= 1.01


class Lazy(Honest):
    """Is fast because it does nothing."""

    def run(self):
        pass


class Unable(Honest):
    @classmethod
    def refuses(cls, settings):
        return "has no such network"


class Broken(Honest):
    def run(self):
        raise ValueError("out of order")


class NotThere(Honest):
    def __init__(self, task):
        raise Missing("the library is not on this machine")
