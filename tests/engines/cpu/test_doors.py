"""Machine code is entered only with arrays that fit each other; anything else is a sentence, and reads nothing.

Everything here goes past the checks of the other floors, as a damaged file or a hand that changes private arrays would.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

import glassnet as gn
from glassnet.core.catalog.costs import resolve_cost
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.core.front import Front
from glassnet.core.layout import Layout
from glassnet.data.encoding.categorical import LevelsStep
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.scaling import Scale
from glassnet.engines.base import Factors, Problem, State
from glassnet.engines.cpu.engine import CpuEngine
from glassnet.engines.cpu.forward import Forward
from glassnet.engines.cpu.single_row import RowForward
from glassnet.errors import DataError, ShapeError

NETWORK = gn.Network.create([3, 4, 2], hidden="tanh", seed=0)
FRONT = gn.Network.create([3, 4, 2], numeric_embedding="pbld", input_scaling=True, embedded=[0], seed=0)
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(10, 3)), RNG.normal(size=(10, 2))
NUMBERS = Encoder(tuple(NumberStep(name, Scale()) for name in "abc")).as_arrays


def problem_of(network):
    return Problem(network, resolve_cost("squared_error"), resolve_solver("adam"))


def moved(layout, **changes):
    """The layout with its first slot changed."""
    return Layout((replace(layout.slots[0], **changes), *layout.slots[1:]))


DAMAGED = {
    "a layer of a negative size": (replace(NETWORK, sizes=(3, -4, 2)), r"have the sizes \(3, -4, 2\)"),
    "a layer without neurons": (replace(NETWORK, sizes=(3, 0, 2)), r"have the sizes \(3, 0, 2\)"),
    "a size that is text": (replace(NETWORK, sizes=(3, "4", 2)), r"have the sizes \(3, '4', 2\)"),
    "sizes that can change": (replace(NETWORK, sizes=[3, 4, 2]), r"have the sizes \[3, 4, 2\]"),
    "a wider layer": (replace(NETWORK, sizes=(3, 40, 2)), r"layout is not that of layers of the sizes \(3, 40, 2\)"),
    "more inputs": (replace(NETWORK, sizes=(30, 4, 2)), r"layout is not that of layers of the sizes \(30, 4, 2\)"),
    "one layer more": (replace(NETWORK, sizes=(3, 4, 2, 2)), r"has 2 activation functions, but 3 layers"),
    "a slot elsewhere": (replace(NETWORK, layout=moved(NETWORK.layout, offset=10**9)), r"layout is not that of"),
    "a slot before the begin": (replace(NETWORK, layout=moved(NETWORK.layout, offset=-1)), r"layout is not that of"),
    "a slot of another shape": (replace(NETWORK, layout=moved(NETWORK.layout, shape=(5, 3))), r"layout is not that of"),
    "no weights": (replace(NETWORK, layout=Layout(NETWORK.layout.slots[1:])), r"layout is not that of"),
    "fewer parameters": (NETWORK.with_theta(NETWORK.theta[:-1]), r"theta has the shape \(25,\), but this network has 26"),
    "parameters in rows": (NETWORK.with_theta(NETWORK.theta[None]), r"theta has the shape \(1, 26\)"),
    "parameters of half the precision": (NETWORK.with_theta(NETWORK.theta.astype("f2")), r"numbers of the type float16"),
    "parameters the other way round": (NETWORK.with_theta(NETWORK.theta.astype(">f4")), r"numbers of the type >f4"),
    "a front of more outputs": (replace(FRONT, front=Front(9, (0,), True)), r"front of 9 inputs does not lead to the 6"),
    "a front that embeds a column beyond": (
        replace(FRONT, front=Front(3, (7,), True)), r"front of 3 inputs does not lead to the 6",
    ),
    "a front that embeds a column before": (
        replace(FRONT, front=Front(3, (-5,), True)), r"front of 3 inputs does not lead to the 6",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGED)
def test_networks_that_do_not_hold_together(what):
    network, why = DAMAGED[what]
    uses = (
        lambda: CpuEngine(problem_of(network), X, Y),
        lambda: Forward(network),
        lambda: RowForward(network, *NUMBERS),
    )
    for use in uses:
        with pytest.raises(ShapeError, match=why):
            use()


@pytest.mark.parametrize(
    ("theta", "why"),
    [
        (NETWORK.theta[:-1], r"theta has the shape \(25,\), but this network has 26 parameters"),
        (np.zeros(0), r"theta has the shape \(0,\)"),
        (np.float64(1.0), r"theta has the shape \(\)"),
        (np.zeros((2, 13)), r"theta has the shape \(2, 13\)"),
    ],
)
def test_parameters_that_became_fewer(theta, why):
    engine, carry = CpuEngine(problem_of(NETWORK), X, Y), Forward(NETWORK)
    with pytest.raises(ShapeError, match=why):
        carry(theta, X)
    with pytest.raises(ShapeError, match=why):
        engine.run(replace(engine.start(0.1), theta=theta), np.arange(10)[None], np.asarray([0.1]), 10)


def test_parameters_that_were_exchanged_in_place():
    """A frozen record can be forced, and the network that predicts is kept from one call to the next."""
    model = gn.GlassRegressor((4,), max_iter=3, random_state=0, preset="plain").fit(X, Y[:, 0])
    model.predict(X)
    object.__setattr__(model.network_, "theta", model.network_.theta[:5])
    with pytest.raises(ShapeError, match=r"theta has the shape \(5,\), but this network has 21 parameters"):
        model.predict(X)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (X[:, :2], r"X has the shape \(10, 2\), but the model expects \(n_rows, 3\)"),
        (np.zeros((10, 4)), r"X has the shape \(10, 4\)"),
        (X[0], r"X has the shape \(3,\)"),
        (X[None], r"X has the shape \(1, 10, 3\)"),
        (np.zeros((0, 2)), r"X has the shape \(0, 2\)"),
        (csr_array(X[:, :2]), r"X has the shape \(10, 2\)"),
    ],
)
def test_rows_of_another_width(rows, why):
    with pytest.raises(ShapeError, match=why):
        Forward(NETWORK)(NETWORK.theta, rows)
    with pytest.raises(ShapeError, match=why):
        CpuEngine(problem_of(NETWORK), rows, Y)


@pytest.mark.parametrize("columns", [None, NUMBERS])
@pytest.mark.parametrize(
    "other",
    [
        np.asfortranarray(X), X[::-1][::-1], np.ascontiguousarray(X[:, ::-1])[:, ::-1], X.astype(">f8"),
        np.ma.masked_array(X), np.repeat(X, 2, axis=0)[::2], np.repeat(X, 2, axis=1)[:, ::2],
        np.lib.stride_tricks.as_strided(X, X.shape, X.strides, writeable=False), X.view(np.ndarray).copy(),
    ],
    ids=["Fortran", "rows backwards", "columns backwards", "big-endian", "masked", "every other row",
         "every other column", "read-only", "plain"],
)  # fmt: skip
def test_the_same_rows_however_they_lie(other, columns):
    carry = Forward(NETWORK)

    np.testing.assert_array_equal(carry(NETWORK.theta, other, columns)[1], carry(NETWORK.theta, X, columns)[1])


def test_no_rows():
    Z, A = Forward(NETWORK)(NETWORK.theta, X[:0])
    assert Z.shape == A.shape == (0, 2)
    engine = CpuEngine(problem_of(NETWORK), X[:0], Y[:0])
    with pytest.raises(ShapeError, match=r"the order of the samples has the shape \(1, 0\)"):
        engine.run(engine.start(0.1), np.zeros((1, 0), int), np.asarray([0.1]), 4)


def changed(place, value, of=NUMBERS):
    steps = of[0].copy()
    steps[place] = value
    return steps, of[1]


COLUMNS = {
    "one column fewer": ((NUMBERS[0][:2], NUMBERS[1][:, :2]), r"the encoder makes 2 inputs, but the network has 3"),
    "one column more": (
        (np.tile(NUMBERS[0], (2, 1)), np.tile(NUMBERS[1], (1, 2))), r"the encoder makes 6 inputs, but the network has 3",
    ),
    "a flag more": (changed((1, 3), 1), r"the encoder makes 4 inputs, but the network has 3"),
    "a flag that is 2": (changed((1, 3), 2), r"a kind of column, a width or a flag that does not exist"),
    "a flag below 0": (changed((1, 3), -1), r"a kind of column, a width or a flag that does not exist"),
    "a kind of column that does not exist": (changed((1, 0), 3), r"a kind of column, a width or a flag"),
    "a number that becomes two inputs": (changed((1, 1), 2), r"a kind of column, a width or a flag"),
    "levels of a negative width": (changed(1, (1, -1, 0, 0, 0)), r"a kind of column, a width or a flag"),
    "20,000 levels": (changed(1, (1, 20_000, 0, 0, 0)), r"a kind of column, a width or a flag"),
    "widths whose sum overflows": (
        changed(slice(0, 2), (1, 2**63 - 1, 0, 0, 0)), r"a kind of column, a width or a flag",
    ),
    "scales of fewer columns": ((NUMBERS[0], NUMBERS[1][:, :2]), r"arrays have the shapes \(3, 5\) and \(3, 2\)"),
    "steps that say less": ((NUMBERS[0][:, :4], NUMBERS[1]), r"arrays have the shapes \(3, 4\) and \(3, 3\)"),
}  # fmt: skip


@pytest.mark.parametrize("what", COLUMNS)
def test_encoders_that_do_not_fit(what):
    columns, why = COLUMNS[what]
    with pytest.raises(ShapeError, match=why):
        Forward(NETWORK)(NETWORK.theta, X, columns)
    with pytest.raises(ShapeError, match=why):
        RowForward(NETWORK, *columns)


def test_levels_are_for_single_rows():
    levels = Encoder((LevelsStep("a", ("x", "y", "z")),)).as_arrays
    with pytest.raises(ShapeError, match="a kind of column, a width or a flag"):
        Forward(NETWORK)(NETWORK.theta, X[:, :1], levels)
    outputs = np.empty(2)
    assert RowForward(NETWORK, *levels)(np.asarray([1.0]), outputs)
    np.testing.assert_array_equal(outputs, Forward(NETWORK)(NETWORK.theta, np.asarray([[0.0, 1.0, 0.0]]))[1][0])


@pytest.mark.parametrize(
    ("raw", "outputs"),
    [
        (np.zeros(2), np.zeros(2)),
        (np.zeros(4), np.zeros(2)),
        (np.zeros(0), np.zeros(2)),
        (np.zeros(3), np.zeros(1)),
        (np.zeros(3), np.zeros(4)),
        (np.zeros(3), np.zeros(0)),
    ],
)
def test_a_row_or_outputs_of_another_length(raw, outputs):
    before = outputs.copy()
    with pytest.raises(ShapeError, match=r"the row has the shape .* but the model expects \(3,\) and \(2,\)"):
        RowForward(NETWORK, *NUMBERS)(raw, outputs)
    np.testing.assert_array_equal(outputs, before)


def test_single_rows_are_of_one_precision():
    with pytest.raises(ShapeError, match="single rows are predicted in float64, but this network is in float32"):
        RowForward(NETWORK.astype("float32"), *NUMBERS)


def test_the_arrays_of_an_encoder_are_copied():
    """What is changed after the check changes nothing."""
    steps, scales = NUMBERS[0].copy(), NUMBERS[1].copy()
    carry, outputs, expected = RowForward(NETWORK, steps, scales), np.empty(2), np.empty(2)
    carry(X[0], expected)
    steps[:, 1], scales[:] = 10**6, np.nan
    carry(X[0], outputs)

    np.testing.assert_array_equal(outputs, expected)


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ([[0, 10]], r"has 0 to 10, but there are 10 samples"),
        ([[0, -1]], r"has -1 to 0, but there are 10 samples"),
        ([[2**62, 1]], r"has 1 to 4611686018427387904, but there are 10 samples"),
        ([0, 1], r"has the shape \(2,\); expected \(n_epochs, n_samples\)"),
    ],
)
def test_orders_that_lead_beyond_the_samples(order, why):
    engine = CpuEngine(problem_of(NETWORK), X, Y)
    with pytest.raises(ShapeError, match=why):
        engine.run(engine.start(0.1), np.asarray(order), np.asarray([0.1]), 2)


def test_more_steps_than_there_are_samples_for():
    engine = CpuEngine(problem_of(NETWORK), X, Y)
    with pytest.raises(ShapeError, match=r"eta has the shape \(4,\), but the engine expected \(3,\)"):
        engine.run(engine.start(0.1), np.arange(10)[None], np.full(4, 0.1), 4)
    with pytest.raises(ValueError, match="could not broadcast"):
        engine.run(engine.start(0.1), np.arange(10)[None], np.full(3, 0.1), 4, Factors(np.ones(2)))


@pytest.mark.parametrize(
    ("targets", "weights", "why"),
    [
        (Y[:, :1], None, r"Y has the shape \(10, 1\), but the engine expected \(10, 2\)"),
        (Y[:9], None, r"Y has the shape \(9, 2\), but the engine expected \(10, 2\)"),
        (Y, np.ones(9), r"weights has the shape \(9,\), but the engine expected \(10,\)"),
        (Y, np.ones(0), r"weights has the shape \(0,\), but the engine expected \(10,\)"),
    ],
)
def test_targets_and_weights_of_another_number(targets, weights, why):
    with pytest.raises(ShapeError, match=why):
        CpuEngine(problem_of(NETWORK), X, targets, weights)


def test_states_of_another_run():
    engine = CpuEngine(problem_of(NETWORK), X, Y)
    state, order, eta = engine.start(0.1), np.arange(10)[None], np.asarray([0.1])
    with pytest.raises(ShapeError, match=r"an array of the solver's memory has the shape \(1,\)"):
        engine.run(replace(state, solver=state.solver._replace(m=np.zeros(1))), order, eta, 10)
    with pytest.raises(ShapeError, match="the state is in float32, but the network in float64"):
        engine.run(State(NETWORK.theta.astype("float32"), state.solver), order, eta, 10)


def test_indices_are_copied_before_they_are_checked():
    """Another thread may change them at any time; a copy it cannot reach."""
    sparse = csr_array(np.where(X > 0, X, 0.0))
    sparse.indices = sparse.indices.astype(np.int64)
    sparse.indptr = sparse.indptr.astype(np.int64)
    engine = CpuEngine(problem_of(NETWORK), sparse, Y)

    def run():
        return engine.run(engine.start(0.1), np.arange(10)[None], np.asarray([0.1]), 10)[0].theta

    expected = run()
    sparse.indices[:] = 10**9
    sparse.indptr[:] = -1

    np.testing.assert_array_equal(run(), expected)
    with pytest.raises(DataError, match="whose index arrays are damaged"):
        Forward(NETWORK)(NETWORK.theta, sparse)


def test_a_predictor_of_a_model_whose_encoder_was_changed():
    """The estimators' own way in: fewer columns expected than the encoder has steps."""
    model = gn.GlassClassifier((4,), max_iter=3, random_state=0).fit(X, Y[:, 0] > 0)
    expected = model.predict_proba(X)
    model.n_features_in_ = 2
    with pytest.raises(ShapeError, match="X has 2 columns, but the model was trained on 3"):
        model.predict_proba(np.ascontiguousarray(X[:, :2]))
    model.n_features_in_ = 3
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    model.encoder_ = Encoder((*model.encoder_.steps[:2], LevelsStep("c", tuple(range(20_000)), is_boolean=True)))
    with pytest.raises(ShapeError, match=r"a kind of column, a width or a flag that does not exist"):
        model.predictor()
