"""The workbook computes: changed by hand and recalculated by two spreadsheets, it gives what glassnet gives."""

import subprocess
import sys
import warnings
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

import glassnet as gn
from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.core.front import FRONTS
from glassnet.errors import MissingExtraError, ParameterError

COST = "half_squared_error"


class Book:
    """A workbook's cells by their headings, as a reader finds them."""

    def __init__(self, path, **options):
        self.book = openpyxl.load_workbook(path, **options)

    def sheet(self, name):
        """A sheet; the package formulas writes their names in capitals."""
        return next(sheet for sheet in self.book.worksheets if sheet.title.lower() == name.lower())

    def column(self, layer, head):
        """The cells of a column of a layer's neurons."""
        sheet = self.sheet(f"Layer {layer}")
        at = next(cell.column for cell in sheet[4] if cell.value == head)
        cells = []
        for row in range(5, 10_000):
            if sheet.cell(row, 1).value is None:
                return cells
            cells.append(sheet.cell(row, at))
        raise AssertionError(head)

    def matrix(self, layer, title):
        """The cells of a matrix below its title."""
        sheet = self.sheet(f"Layer {layer}")
        top = next(cell.row for cell in sheet["A"] if str(cell.value).startswith(title)) + 3
        rows = []
        for row in range(top, 10_000):
            if sheet.cell(row, 1).value is None:
                return rows
            width = next(k for k in range(2, 10_000) if sheet.cell(row, k).value is None)
            rows.append([sheet.cell(row, k) for k in range(2, width)])
        raise AssertionError(title)

    def front(self, head):
        """The cells of the front's parameters by their entry, or of the numbers of A[0]."""
        sheet = self.sheet("Front")
        first = next(cell.row for cell in sheet["A"] if cell.value == "parameter")
        top = 4 if head in [cell.value for cell in sheet[4]] else first
        at = next(cell.column for cell in sheet[top] if cell.value == head)
        cells = {}
        for row in range(top + 1, 10_000):
            if sheet.cell(row, 1).value is None:
                return cells
            cells[sheet.cell(row, 1).value] = sheet.cell(row, at)
        raise AssertionError(head)

    def beside(self, sheet, word):
        """The cell to the right of a word."""
        return next(row[1] for row in self.sheet(sheet).iter_rows() if str(row[0].value).startswith(word))


def values(cells):
    return [[cell.value for cell in row] if isinstance(row, list) else row.value for row in cells]


def shaken(path, explanation):
    """Change one weight of every layer and the learning rate in the file; return the network that they make."""
    book = Book(path)
    theta = explanation.network.theta.copy()
    for slot in explanation.network.layout.slots:
        theta[slot.offset] += 0.125
        if slot.layer == 0:
            changed = book.front("old")[slot.entry(0)]
        else:
            is_weight = slot.name == "W"
            changed = book.matrix(slot.layer, "Weights")[0][0] if is_weight else book.column(slot.layer, slot.name)[0]
        changed.value += 0.125
    book.beside("Start", "learning rate").value = 0.03125
    book.book.save(path)
    return explanation.network.with_theta(theta)


def check(path, explanation, network, target, row=None, **options):
    """Compare every number of a recalculated file with glassnet's own for this network."""
    book = Book(path, data_only=True)
    row = (explanation.forward[1].a_in if network.front is None else ROW) if row is None else row
    cost = explanation.cost.cost
    trace = gn.forward(network, [row])
    grads = gn.backward(network, trace, [target], cost=cost)
    after = gn.explain(network, row, target, cost=cost, learning_rate=0.03125, **options).update
    np.testing.assert_allclose(book.beside("Start", "cost (").value, grads.cost, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(book.beside("Start", "cost after").value, after.cost_after, rtol=1e-9, atol=1e-12)
    if network.front is not None:
        slots = [slot for slot in network.layout.slots if slot.layer == 0]
        for head, expected in (("g", grads.grad), ("new", after.network.theta), ("old", network.theta)):
            found = book.front(head)
            for slot in slots:
                for k in range(slot.size):
                    assert found[slot.entry(k)].value == pytest.approx(expected[slot.offset + k], rel=1e-9, abs=1e-11)
        for head, expected in (("a", trace.A[0]), ("delta", grads.delta[0]), ("a after", after_of(after, row).A[0])):
            np.testing.assert_allclose(values(book.front(head).values()), expected[0], rtol=1e-9, atol=1e-11)
    for l in range(1, network.n_layers + 1):
        pairs = [
            (book.column(l, "z"), trace.Z[l][0]),
            (book.column(l, "a"), trace.A[l][0]),
            (book.column(l, "delta"), grads.delta[l][0]),
            (book.matrix(l, "Gradients"), grads.dW[l]),
            (book.matrix(l, "New weights"), after.W[l]),
        ]
        if network.b[l] is not None:
            pairs.append((book.column(l, "b: new"), after.b[l]))
        if network.slope[l] is not None:
            pairs += [(book.column(l, "slope: new"), after.network.slope[l]), (book.column(l, "f"), trace.F[l][0])]
            pairs += [(book.column(l, "∂E/∂slope"), grads.dslope[l])]
        for cells, expected in pairs:
            np.testing.assert_allclose(values(cells), expected, rtol=1e-9, atol=1e-11)


def after_of(update, row):
    return gn.forward(update.network, [row])


def cases():
    """Every activation, cost and solver at least once."""
    hidden = [name for name in ACTIVATIONS if name not in ("softmax",)]
    pairs = [
        ("identity", COST), ("tanh", "squared_error"), ("identity", "huber"), ("softplus", "poisson"),
        ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy"), ("identity", "absolute_error"),
        ("identity", ("pinball", {"quantile": 0.9})), ("identity", "error"), ("softmax", COST),
    ]  # fmt: skip
    solvers = [name for name, solver in SOLVERS.items() if solver.has_step]
    for i, name in enumerate([*hidden, ("leaky_relu", {"slope": 0.2}), "softmax"]):
        output, cost = pairs[i % len(pairs)]
        solver = solvers[i % len(solvers)]
        network = gn.Network.create([3, 4, 2], hidden=name, output=output, seed=i)
        network = network.with_theta(np.random.default_rng(i).normal(size=network.n_params))
        result = None
        if name != "step":
            result = gn.train(network, [[0.5, 0.1, -1.0]], [[1.0, 0.0]], cost=cost, solver=solver, epochs=2)
            network = result.network
        yield network, cost, solver, result
    for front, solver in (("scaling", "gd"), ("pbld", "adam"), ("pbld+scaling", "nadam")):
        network = gn.Network.create(
            [3, 4, 2], hidden="tanh", **FRONTS[front], embedded=None if front == "scaling" else [2, 0]
        )
        network = network.with_theta(np.random.default_rng(0).normal(0.2, 0.6, network.n_params))
        result = gn.train(network, [[0.5, 0.1, -1.0]], [[1.0, 0.0]], cost=COST, solver=solver, epochs=2)
        yield result.network, COST, solver, result
    sloped = (("silu", "gd"), ("softmax", "adamw"), ("selu", "nadam"), (("leaky_relu", {"slope": 0.2}), "rprop"))
    for hidden, solver in sloped:
        network = gn.Network.create([3, 4, 2], hidden=hidden, learned_slope=True, bias=solver != "gd")
        network = network.with_theta(np.random.default_rng(0).normal(0.2, 0.6, network.n_params))
        result = gn.train(network, [[0.5, 0.1, -1.0]], [[1.0, 0.0]], cost=COST, solver=solver, epochs=2)
        yield result.network, COST, solver, result
    opened = decaying()
    yield opened.network, COST, None, opened
    yield tutorial_network(), COST, "gd", None


def decaying():
    """A run of adamw, opened where its decay of 0.5 has come down to 0.25."""
    network = gn.Network.create([3, 4, 2], hidden="tanh", output="identity", seed=1)
    solver = ("adamw", {"weight_decay": 0.5})
    settings = {"cost": COST, "solver": solver, "decay_schedule": "flat_cosine", "epochs": 4}
    return gn.train(network, [[0.5, 0.1, -1.0]], [[1.0, 0.0]], **settings).at(step=3)


def tutorial_network():
    W1 = np.asarray([(0.9, 0.3, 0.2), (0.8, 0.5, 0.4), (0.1, 0.6, 0.7)]).T
    return gn.Network.from_weights([(W1, None), ([[0.3, 0.5, 0.9]], None)]).freeze(1)


ROW = [0.75, -1.5, 0.25]


def test_libreoffice_recalculates_it(require, tmp_path):
    """All cases in one run of the program, each after a change by hand."""
    soffice = require("soffice", "recalculates the workbooks")
    worked = []
    (tmp_path / "out").mkdir()
    for i, (network, cost, solver, state) in enumerate(cases()):
        target = [1.0, 0.0][: network.sizes[-1]]
        options = {"solver": solver, "state": state}
        explanation = gn.explain(network, ROW, target, cost=cost, learning_rate=0.01, **options)
        explanation.to_xlsx(tmp_path / f"{i}.xlsx")
        worked.append((explanation, shaken(tmp_path / f"{i}.xlsx", explanation), target, options))
    names = [f"{i}.xlsx" for i in range(len(worked))]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", "out", *names]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=170)
    assert run.returncode == 0, run.stderr
    for name, (explanation, network, target, options) in zip(names, worked, strict=True):
        check(tmp_path / "out" / name, explanation, network, target, **options)


@pytest.mark.parametrize("index", [0, 4, 5, -6, -5, -2, -1])
def test_the_package_formulas_recalculates_it(tmp_path, index):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import formulas

        network, cost, solver, state = list(cases())[index]
        target = [1.0, 0.0][: network.sizes[-1]]
        options = {"solver": solver, "state": state}
        explanation = gn.explain(network, ROW, target, cost=cost, learning_rate=0.01, **options)
        explanation.to_xlsx(tmp_path / "book.xlsx")
        changed = shaken(tmp_path / "book.xlsx", explanation)
        model = formulas.ExcelModel().loads(str(tmp_path / "book.xlsx")).finish()
        model.calculate()
        model.write(dirpath=str(tmp_path / "out"))
    (written,) = (tmp_path / "out").iterdir()
    check(written, explanation, changed, target, **options)


def test_the_values_beside_the_formulas(tmp_path):
    """Programs that only show see the numbers without calculating."""
    network, row = gn.Network.create([2, 3, 2], hidden="tanh", output="softmax", seed=0), [1.0, -2.0]
    explanation = gn.explain(network, row, [0, 1], cost="cross_entropy", solver="adam")
    explanation.to_xlsx(tmp_path / "book.xlsx")
    book = Book(tmp_path / "book.xlsx", data_only=True)
    assert book.beside("Start", "cost (").value == pytest.approx(explanation.cost.total, rel=1e-12)
    assert values(book.column(2, "a")) == pytest.approx(explanation.forward[2].a.tolist(), rel=1e-12)
    assert values(book.matrix(1, "New weights"))[1] == pytest.approx(explanation.update.W[1][1].tolist(), rel=1e-12)


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({
        "mass": np.where(rng.random(80) < 0.1, np.nan, rng.normal(4000, 500, 80).round()),
        "island": rng.choice(["Dream", "dream", 'a "b"', None], 80),
        "tame": rng.choice([True, False], 80),
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 80), unit="D"),
        "=1+1": rng.choice(["=A1", "x"], 80),
    })  # fmt: skip
    model = gn.GlassClassifier((4,), max_iter=3, dtype="float64", random_state=0)
    return model.fit(frame, rng.choice(["a", "b", "c"], 80)), frame


def test_raw_values_may_be_changed(require, model, tmp_path):
    """The encoding is live: another mass and island give what the model predicts for such a row."""
    soffice = require("soffice", "recalculates the workbooks")
    model, frame = model
    row = frame.iloc[[3]].reset_index(drop=True)
    changes = [{"mass": 5000.0, "island": "dream"}, {"mass": None, "island": None, "tame": not row["tame"][0]}]
    for i, change in enumerate(changes):
        gn.explain(model, row, "b").to_xlsx(tmp_path / f"{i}.xlsx")
        book = Book(tmp_path / f"{i}.xlsx")
        for column, value in change.items():
            book.beside("Inputs", column).value = value
        book.book.save(tmp_path / f"{i}.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", "out", "0.xlsx", "1.xlsx"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, timeout=170)
    for i, change in enumerate(changes):
        book = Book(tmp_path / "out" / f"{i}.xlsx", data_only=True)
        changed = row.assign(**change)
        assert values(book.column(2, "a")) == pytest.approx(model.predict_proba(changed)[0].tolist(), rel=1e-9)


def test_without_a_target(tmp_path, tutorial):
    gn.explain(tutorial, (1, 0, 1)).to_xlsx(tmp_path / "book.xlsx")
    book = Book(tmp_path / "book.xlsx", data_only=True)
    assert values(book.column(2, "a")) == pytest.approx([0.771120128], abs=1e-9)
    with pytest.raises(StopIteration):
        book.column(2, "delta")


def test_written_whole_or_not_at_all(tmp_path, tutorial, monkeypatch):
    path = tmp_path / "book.xlsx"
    path.write_text("old")
    explanation = gn.explain(tutorial, (1, 0, 1))

    def broken(*_):
        raise RuntimeError("no more space")

    monkeypatch.setattr("glassnet.explanation.formats.workbook.render.Writer.write", broken)
    with pytest.raises(RuntimeError, match="no more space"):
        explanation.to_xlsx(path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["book.xlsx"]
    monkeypatch.undo()
    explanation.to_xlsx(path)
    assert zipfile.is_zipfile(path)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        explanation.to_xlsx(tmp_path / "nowhere" / "book.xlsx")


def test_errors(tmp_path, tutorial, monkeypatch):
    path = tmp_path / "book.xlsx"
    sine = gn.Activation("sine", np.sin, lambda Z, A: np.cos(Z), range=(-1.0, 1.0))
    own = gn.Network.create([1, 1, 1], hidden=sine, output="identity", seed=0)
    with pytest.raises(ParameterError, match="activation 'sine' is user-defined without a formula for a spreadsheet"):
        gn.explain(own, [1.0]).to_xlsx(path)
    infinite = gn.Network.from_weights([([[np.inf]], None)], output="identity")
    with pytest.raises(ParameterError, match="non-finite weights, which a workbook cannot store"):
        gn.explain(infinite, [1.0]).to_xlsx(path)
    wide = gn.Network.create([1500, 200, 1], seed=0)
    with pytest.raises(ParameterError, match="would need 2,701,800 cells and 1,500 columns, more than a spreadsheet"):
        gn.explain(wide, np.ones(1500), 1.0, cost=COST, solver="adam").to_xlsx(path)
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match="an Excel workbook needs the package xlsxwriter, which is not"):
        gn.explain(tutorial, (1, 0, 1)).to_xlsx(path)
    assert not path.exists()
