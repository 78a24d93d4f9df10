"""Commands in any order, wise or not, end in an answer: done, or a sentence of the library's."""

import random
from contextlib import suppress

import numpy as np
import pytest
from msgspec import structs
from tests.studio.session.listening import Frame

from glassnet.errors import GlassnetError
from glassnet.studio import messages as m

COMMANDS = 80


def any_setup(rng, setup):
    sizes = rng.choice([(), (3,), (5, 2)])
    return structs.replace(
        setup,
        hidden=tuple(m.HiddenLayer(size, rng.choice(["relu", "tanh"])) for size in sizes),
        solver=rng.choice(["adam", "gd", "sgd", "lbfgs"]),
        learning_rate_init=rng.choice([0.01, 1.0, 100.0]),
        learning_rate=rng.choice(["constant", "adaptive"]),
        batch_size=rng.choice([None, 1, 64]),
        max_iter=rng.choice([1, 5, 60]),
        n_iter_no_change=rng.choice([None, 2]),
        dropout=rng.choice([0.0, 0.2]),
        validation_fraction=rng.choice([0.0, 0.3]),
    )


def any_command(rng, setup):
    commands = {
        "open": (1, lambda: m.OpenExample(1, rng.choice(["boolean", "xor", "three-three-one"]))),
        "build": (2, lambda: m.Build(1, any_setup(rng, setup))),
        "step": (6, lambda: m.Step(1)),
        "epoch": (4, lambda: m.Epoch(1)),
        "play": (4, lambda: m.Play(1, rng.choice([None, 3, 20]), rng.choice([None, 100.0]))),
        "pause": (3, lambda: m.Pause(1)),
        "reset": (1, lambda: m.Reset(1)),
        "seek": (6, lambda: m.Seek(1, rng.randint(0, 9), rng.choice([0, 0, 1, 2]))),
        "set": (8, lambda: m.SetWeight(1, rng.randint(1, 3), rng.randint(0, 3), rng.choice([None, 0, 2]), 1.5)),
        "restore": (2, lambda: m.Restore(1)),
        "neuron": (2, lambda: m.ShowNeuron(1, rng.randint(1, 2), rng.randint(0, 5))),
        "find": (2, lambda: m.Find(1, rng.choice(["cost < 0.5", "gradient > 1", "weight > 2", "dead hidden1.1"]))),
        "look": (2, lambda: m.Look(1, rng.randint(0, 9))),
        "what if": (1, lambda: m.WhatIf(1, {rng.choice(["x", "y", "x1"]): 2.0})),
    }
    weights = [weight for weight, _ in commands.values()]
    return rng.choices([make for _, make in commands.values()], weights)[0]()


@pytest.mark.parametrize("seed", [0, 1])
def test_any_order(page, seed):
    rng, tab = random.Random(seed), page()
    tab.ask(m.OpenExample, "boolean")
    carried_out = 0
    for _ in range(COMMANDS):
        command = any_command(rng, tab.last(m.ModelCard).setup)
        with suppress(GlassnetError):
            tab.session.handle(command)
            carried_out += 1
        assert tab.last(m.Status).message is None

    assert carried_out > COMMANDS / 4
    tab.ask(m.Pause)
    work = tab.session._work
    for epoch in range(min(4, work.course.n_epochs + 1)):
        moment = work.course.at(epoch)
        assert moment.epoch == epoch
        assert np.isfinite(moment.network.theta).all()
    tab.wait(lambda: not tab.last(Frame).is_live)
