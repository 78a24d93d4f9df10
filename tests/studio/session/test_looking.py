"""Cards of neurons, what-if, finding, views, and the model file."""

import numpy as np
import pytest
from msgspec import structs
from tests.studio.session.listening import Frame

import glassnet as gn
from glassnet.data.boolean import truth_table
from glassnet.diagnosis.live_doctor import LISTENING
from glassnet.diagnosis.rules import RULES
from glassnet.studio import messages as m
from glassnet.studio.session.courses.course import states_to_keep


@pytest.fixture
def penguins(page):
    tab = page()
    tab.ask(m.OpenExample, "penguins")
    tab.play(until=6)
    return tab


def test_the_card_of_a_neuron(page):
    """Over the eight rows of the truth table, with the activations and error signals of the library."""
    tab = page()
    tab.ask(m.OpenExample, "boolean")
    tab.play(until=40)

    tab.ask(m.ShowNeuron, 1, 2)

    card, network = tab.last(m.NeuronCard), tab.session._work.moment.network
    table = truth_table("xy + ~z")
    trace = gn.forward(network, table.X)
    a = trace.A[1][:, 2]
    delta = gn.backward(network, trace, table.F[:, None], cost="binary_cross_entropy").delta[1][:, 2]
    best = int(np.argmax(a))
    assert card.n_rows == 8 == sum(card.counts)
    assert (card.edges[0], card.edges[-1]) == (a.min(), a.max())
    assert card.rows[0] == (best, a[best], str(int(table.F[best])))
    assert card.blame == np.mean(np.abs(delta))
    assert "there is no neuron 3 in layer 1" in tab.refused(m.ShowNeuron, 1, 3)


def test_a_dead_neuron_is_named(page):
    tab = page()
    tab.ask(m.OpenExample, "boolean")
    setup = structs.replace(tab.last(m.ModelCard).setup, hidden=(m.HiddenLayer(3, "relu"),))
    tab.ask(m.Build, setup)
    tab.ask(m.SetWeight, 1, 0, None, -100.0)

    tab.ask(m.ShowNeuron, 1, 0)

    assert tab.last(m.NeuronCard).words == "zero for all rows: it is dead"


def test_activations_too_near_for_a_histogram_are_one_bar(page):
    """A neuron is saturated, and its activations differ in their last bit."""
    tab = page()
    tab.ask(m.OpenExample, "boolean")
    tab.ask(m.SetWeight, 1, 0, None, 36.0)

    tab.ask(m.ShowNeuron, 1, 0)

    card = tab.last(m.NeuronCard)
    assert card.counts == (8,)
    assert 1 - 1e-14 < card.edges[0] < card.edges[1] <= 1


def test_frames_bring_the_neuron_that_is_open_but_not_drawn(page):
    """Of 64 neurons ten are drawn at most; another one comes as the last of its layer, until a drawn one is open."""
    tab = page()
    tab.ask(m.OpenExample, "digits")
    drawn = tab.last(m.ModelCard).record["scene"]["layers"][1]["drawn"]
    hidden = next(j for j in range(64) if j not in drawn)
    n = len(tab.last(Frame).numbers)

    tab.ask(m.ShowNeuron, 1, hidden)

    frame, network = tab.last(Frame), tab.session._work.moment.network
    n_in = network.sizes[0]
    assert frame.beside == [1, hidden]
    assert len(frame.numbers) == n + n_in + 1 + 2
    at = len(drawn) * n_in
    np.testing.assert_array_equal(frame.numbers[at : at + n_in], network.W[1][hidden])
    tab.ask(m.ShowNeuron, 1, drawn[0])
    assert tab.last(Frame).beside is None


def test_what_if(penguins, tmp_path):
    """The answer is that of `gn.explain` for the model of the moment and a row with these values."""
    penguins.ask(m.Look, 10)
    other = {"flipper_length_mm": 230.0, "island": "Biscoe", "sex": None}

    penguins.ask(m.WhatIf, other)

    (tmp_path / "model.glassnet").write_bytes(penguins.session.download("model").content)
    model = gn.load(tmp_path / "model.glassnet")
    table = penguins.session._project.table
    row = {name: table[name][10] for name in model.schema_.names} | other
    expected = gn.explain(model, row).prediction
    assert penguins.last(m.Prediction).outputs == tuple(expected.outputs.items())
    assert penguins.last(m.Prediction).words == "; ".join(expected.words)
    assert "there is no input 'weight'" in penguins.refused(m.WhatIf, {"weight": 1.0})
    assert "flipper_length_mm='long' is not a number" in penguins.refused(m.WhatIf, {"flipper_length_mm": "long"})


@pytest.mark.parametrize("epoch", [6, 3, 0])
def test_the_model_file_predicts_what_the_page_shows(penguins, tmp_path, epoch):
    penguins.ask(m.Seek, epoch)
    penguins.ask(m.Look, 200)
    path = tmp_path / "model.glassnet"

    path.write_bytes(penguins.session.download("model").content)

    model = gn.load(path)
    table = penguins.session._project.table
    row = {name: table[name][200] for name in model.schema_.names}
    assert list(gn.explain(model, row).prediction.words) == penguins.last(Frame).predictions[0]
    np.testing.assert_array_equal(model.network_.theta, penguins.session._work.moment.network.theta)
    assert len(model.history_) in (epoch, 6)


def test_unknown_downloads(penguins, page):
    with pytest.raises(gn.errors.ParameterError, match="there is no download 'modle'; did you mean 'model'"):
        penguins.session.download("modle")
    with pytest.raises(gn.errors.ParameterError, match="there is no network yet"):
        page().session.download("model")


CONDITIONS = [
    ("cost < 0.6", lambda h: np.argmax(h["cost"] < 0.6) + 1),
    ("Cost <= 0.6", lambda h: np.argmax(h["cost"] <= 0.6) + 1),
    ("validation cost < 0.7", lambda h: np.argmax(h["validation_cost"] < 0.7) + 1),
    ("accuracy > 0.8", lambda h: np.argmax(h["metric"] > 0.8) + 1),
    ("validation accuracy >= 0.8", lambda h: np.argmax(h["validation_metric"] >= 0.8) + 1),
    ("gradient_norm < 0.4", lambda h: np.argmax(h["gradient_norm"] < 0.4) + 1),
]


@pytest.mark.parametrize(("words", "expected"), CONDITIONS)
def test_finding_an_epoch(penguins, words, expected):
    penguins.ask(m.Find, words)

    assert penguins.last(Frame).epoch == expected(penguins.session._work.course.history)


def test_finding_a_step(penguins):
    """The first step whose gradient is longer than all of the first epoch's mean, compared with the whole replay."""
    replay = penguins.session._work.course.replay()
    norms = [moment.gradient_norm for moment in replay.walk()]
    limit = sorted(norms)[-3]
    first = next(n for n, norm in enumerate(norms) if not norm <= limit)

    penguins.ask(m.Find, f"gradient > {limit!r}")

    size = replay.steps_per_epoch
    assert (penguins.last(Frame).epoch, penguins.last(Frame).step) == divmod(first, size)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("cost < 0.0001", "does not hold at any moment of the 6 epochs so far"),
        ("when it is good", "is not a condition that can be looked for; try 'cost < 0.1'"),
        ("costs < 1", "names 'costs', which the training does not record; it records cost"),
        ("cost < low", "'low' in 'cost < low' is not a number"),
        ("dead hidden9.9", "there is no neuron 'hidden9.9'; try a name as in the picture, such as 'hidden1.1'"),
        ("cost rises 0.5", "factor=0.5"),
    ],
)
def test_finding_nothing(penguins, words, sentence):
    assert sentence in penguins.refused(m.Find, words)


def test_views_are_of_the_shown_moment(penguins):
    penguins.ask(m.Seek, 2)

    penguins.ask(m.ShowView, "overview")

    assert penguins.last(m.View).data["epoch"] == 2


def test_findings_are_quick_while_training_goes_on_and_whole_when_it_pauses(penguins):
    """An epoch in a thousand seconds: training goes on until it is paused."""
    penguins.ask(m.Play, pace=0.001)
    penguins.ask(m.ShowView, "findings")
    meanwhile = penguins.last(m.View).data["words"]
    penguins.ask(m.Pause)
    penguins.ask(m.ShowView, "findings")

    assert f"by {len(LISTENING)} rules in " in meanwhile
    assert meanwhile.endswith("They listen to the training; the other rules look at the network once it pauses.")
    assert f"by {len(RULES)} rules in " in penguins.last(m.View).data["words"]


def test_the_states_that_are_kept_take_bounded_memory():
    for n_params in (1, 1_000, 100_000, 2_000_000):
        assert states_to_keep(n_params) * 24 * n_params <= max(16 << 20, 2 * 24 * n_params)
