"""Every view says what the library, scikit-learn and arithmetic by hand say."""

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from sklearn import metrics
from sklearn.feature_selection import f_classif
from tests.studio.understanding.conftest import fitted, of_model

import glassnet as gn
from glassnet.data.reading.tabular import table_from
from glassnet.diagnosis.live_doctor import LISTENING
from glassnet.diagnosis.rules import RULES
from glassnet.errors import ColumnError, DataError, ParameterError
from glassnet.explanation.subject.notation import neuron_names
from glassnet.studio.understanding import landscape as landscapes
from glassnet.studio.understanding import records
from glassnet.studio.understanding import surface as surfaces
from glassnet.studio.understanding.seen import seen_of
from glassnet.studio.understanding.views import VIEWS, view

SUBJECTS = ["penguins", "masses", "truth_table", "untrained"]


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_view_is_its_record_and_json(name, request):
    subject = request.getfixturevalue(name)
    overview = view("overview", subject)
    for card in overview["views"]:
        if card["unavailable"]:
            with pytest.raises(ParameterError) as failure:
                view(card["view"], subject)
            assert str(failure.value) == f"the view {card['view']!r} cannot be shown: {card['unavailable']}"
            continue
        text = json.dumps(view(card["view"], subject), allow_nan=False)
        assert msgspec.json.decode(text, type=records.ViewData).__class__.__name__.lower() == card["view"]
    assert {card["view"] for card in overview["views"]} == set(VIEWS) - {"neurons"}


def test_what_can_be_asked_for(penguins, masses, truth_table, untrained):
    def missing(subject):
        return {card["view"] for card in view("overview", subject)["views"] if card["unavailable"]}

    assert missing(penguins) == {"residuals"}
    assert missing(masses) == {"confusion", "calibration", "ranking"}
    assert missing(truth_table) == {"residuals"}
    assert missing(untrained) == {"residuals", "learning", "findings"}
    found = view("overview", penguins)
    assert found["parts"] == [
        {"part": "training", "n_rows": 241},
        {"part": "validation", "n_rows": 103},
    ]
    assert [column["name"] for column in found["columns"][-2:]] == ["island", "sex"]
    assert found["outputs"] == ["Adelie", "Chinstrap", "Gentoo"]


def test_the_surface_is_what_the_model_predicts(penguins):
    model, (training, _) = fitted("species")
    found = view("surface", penguins, {"x": "bill_length_mm", "y": "island"})
    held = {one["column"]: one["value"] for one in found["held"]}
    assert held["body_mass_g"] == f"{np.nanmedian(training.X['body_mass_g']):.6g}"
    assert found["y"]["levels"] == ["Biscoe", "Dream", "Torgersen"]

    usual = {name: training.X[name] for name in training.X.names}
    usual = {name: _typical(values) for name, values in usual.items()}
    for i, j in [(0, 0), (2, 31), (1, 59)]:
        row = usual | {"bill_length_mm": found["x"]["values"][j], "island": found["y"]["levels"][i]}
        row = {name: [value] for name, value in row.items()}
        label = model.predict(row)[0]
        assert found["outputs"][found["predicted"][i][j]] == label
        assert found["values"][i][j] == model.predict_proba(row).max()
    gentoo = view("surface", penguins, {"x": "bill_length_mm", "y": "island", "output": 2})
    assert gentoo["values"][2][31] == model.predict_proba(
        {name: [value] for name, value in (usual | {
            "bill_length_mm": found["x"]["values"][31], "island": "Torgersen"}).items()})[0, 2]  # fmt: skip


def _typical(values):
    """By other means than the library's: the median, and the most frequent value."""
    if values.dtype.kind == "f":
        return float(np.nanmedian(values))
    present = [value for value in values.tolist() if value is not None]
    return max(sorted(set(present)), key=present.count)


def test_the_usual_columns_tell_most_of_the_target(penguins):
    """Of the penguins' species: the two whose F statistic is the largest, in rows without missing values."""
    _, (training, _) = fitted("species")
    numeric = [name for name in training.X.names if training.X[name].dtype.kind == "f"]
    values = np.column_stack([training.X[name] for name in numeric])
    known = np.isfinite(values).all(axis=1)
    F, _ = f_classif(values[known], training.y[known])
    found = view("surface", penguins)

    assert [found["x"]["name"], found["y"]["name"]] == [numeric[k] for k in np.argsort(-F)[:2]]
    assert view("surface", penguins, {"y": found["x"]["name"]})["x"]["name"] == found["y"]["name"]


def test_points_of_the_surface_are_rows(penguins):
    model, (training, validation) = fitted("species")
    found = view("surface", penguins, {"x": "bill_length_mm", "y": "body_mass_g"})
    parts = {"training": training, "validation": validation}
    n_known = sum(int(np.isfinite(part.X["bill_length_mm"]).sum()) for part in parts.values())
    assert len(found["points"]) == n_known
    for point in found["points"][::37]:
        part = parts[point["part"]]
        (i,) = np.flatnonzero(part.rows == point["row"])
        assert (point["x"], point["y"]) == (part.X["bill_length_mm"][i], part.X["body_mass_g"][i])
        assert point["words"] == part.y[i]
        assert point["is_right"] == (model.predict(part.X.take(np.asarray([i])))[0] == part.y[i])


def test_the_surface_through_a_row(truth_table):
    """x and y move, z is that of row 3: 0 1 1."""
    found = view("surface", truth_table, {"x": "x", "y": "y", "at": "row"})
    assert found["held"] == [{"column": "z", "value": "1"}]
    assert found["chosen"]["row"] == 3
    X = [[found["x"]["values"][7], found["y"]["values"][40], 1.0]]
    p = float(gn.forward(truth_table.network, X).A[-1][0, 0])
    assert found["values"][40][7] == pytest.approx(max(p, 1 - p), rel=1e-12)
    assert found["predicted"][40][7] == int(p >= 0.5)
    with pytest.raises(ParameterError, match="at='row' needs a chosen row, but none is; choose a row, or at='typical'"):
        view("surface", replace(truth_table, row=8), {"at": "row"})


def test_quantities_have_a_range_and_no_classes(masses):
    model, (training, _) = fitted("body_mass_g")
    found = view("surface", masses, {"x": "flipper_length_mm", "y": "bill_length_mm"})
    values = np.asarray(found["values"])

    assert found["predicted"] is None
    assert (found["low"], found["high"]) == (values.min(), values.max())
    row = {name: [_typical(training.X[name])] for name in training.X.names}
    row |= {"flipper_length_mm": [found["x"]["values"][5]], "bill_length_mm": [found["y"]["values"][50]]}
    assert values[50, 5] == model.predict(row)[0]


def test_the_response_is_what_the_model_predicts(penguins, masses):
    model, (training, validation) = fitted("species")
    found = view("response", penguins, {"x": "island", "output": 2})
    usual = {name: _typical(training.X[name]) for name in training.X.names}
    rows = {name: [value] * 3 for name, value in usual.items()} | {"island": found["x"]["levels"]}
    assert found["values"] == model.predict_proba(rows)[:, 2].tolist()
    by_row = {row: label for part in (training, validation) for row, label in zip(part.rows, part.y, strict=True)}
    assert all(point["y"] == (by_row[point["row"]] == "Gentoo") for point in found["points"])

    model, (training, _) = fitted("body_mass_g")
    found = view("response", masses, {"x": "year", "at": "row"})
    row = {name: [value] for name, value in training.X.take(np.flatnonzero(training.rows == 0)).row(0).items()}
    assert found["values"][7] == model.predict(row | {"year": [found["x"]["values"][7]]})[0]
    assert found["chosen"]["y"] == training.y[training.rows == 0][0]
    targets = [point["y"] for point in found["points"]]
    assert found["low"] <= min(targets) < max(targets) <= found["high"]
    assert view("response", masses)["x"]["name"] == "flipper_length_mm"  # the closest companion of the mass


def test_the_landscape_is_the_cost_of_networks(truth_table):
    """The cost is 1/2 (t - o)², by hand; the path ends at the network, and its epochs are the recorded ones."""
    found = view("landscape", truth_table)
    X, Y = truth_table.X, truth_table.Y
    snapshots = truth_table.history.snapshots

    assert [point["epoch"] for point in found["path"]] == sorted(snapshots)
    assert (found["path"][-1]["u"], found["path"][-1]["v"]) == pytest.approx((0, 0), abs=1e-12)
    error = gn.forward(truth_table.network, X).A[-1] - Y
    assert found["low"] <= 0.5 * np.mean(error**2) <= found["high"]
    assert found["here"] == pytest.approx(0.5 * np.mean(error**2), rel=1e-12)
    thetas = np.asarray([snapshots[epoch] for epoch in sorted(snapshots)])
    moved = thetas - np.asarray(truth_table.network.theta)
    _, lengths, _ = np.linalg.svd(moved)
    assert found["share"] == pytest.approx(np.sum(lengths[:2] ** 2) / np.sum(lengths**2))
    random = view("landscape", truth_table, {"plane": "random"})
    assert random["names"] == ["a random direction", "another random direction"]
    assert random["share"] < found["share"]


def test_a_landscape_without_a_path(untrained):
    found = view("landscape", untrained)

    assert found["path"] == []
    assert found["share"] is None
    assert "No other epoch is recorded, so there is no path to draw, and the directions are random." in found["words"]


def test_a_landscape_takes_bounded_work(monkeypatch, penguins):
    """Of a larger network, fewer rows and fewer points are looked at, and the view says so."""
    monkeypatch.setattr(landscapes, "WORK", 1.0)
    monkeypatch.setattr(landscapes, "SECONDS", 0.0)
    monkeypatch.setattr(landscapes, "MOST_NUMBERS", 1)
    found = view("landscape", penguins)

    assert "over 64 of 241 training rows, drawn at random" in found["words"]
    assert len(found["u"]) == landscapes.LEAST_SIDE
    assert len(found["path"]) <= 4


@pytest.mark.parametrize("place", [0, 1])
def test_confusion_and_scores_against_scikit_learn(penguins, place):
    model, parts = fitted("species")
    part = parts[place]
    found = view("confusion", penguins)["parts"][place]
    predicted = model.predict(part.X)

    assert found["counts"] == metrics.confusion_matrix(part.y, predicted).tolist()
    assert found["accuracy"] == metrics.accuracy_score(part.y, predicted)
    by_row = dict(zip(part.rows.tolist(), zip(part.y, predicted, strict=True), strict=True))
    classes = model.classes_.tolist()
    for i, row in enumerate(found["examples"]):
        for j, cell in enumerate(row):
            assert all(by_row[index] == (classes[i], classes[j]) for index in cell)
            assert len(cell) == min(5, found["counts"][i][j])


def test_rare_classes_are_counted_together():
    """Twenty-five classes, of which nineteen are shown; the counts of all rows stay."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = np.asarray([f"class {k:02d}" for k in np.minimum(rng.geometric(0.1, size=300), 25) - 1])
    model = gn.GlassClassifier((4,), max_iter=3, random_state=0).fit(X, y)
    subject = of_model(model, table_from(X), y)
    n_classes = len(model.classes_)
    found = view("confusion", subject)

    assert found["classes"][-1] == f"{n_classes - 19} others"
    assert np.sum(found["parts"][0]["counts"]) == 300
    assert found["parts"][0]["accuracy"] == np.mean(model.predict(X) == y)


def test_calibration_by_hand(penguins):
    model, (training, _) = fitted("species")
    p = model.predict_proba(training.X)[:, 1]
    is_class = training.y == "Chinstrap"
    (part, _) = view("calibration", penguins, {"output": 1})["parts"]
    groups = np.minimum(np.floor(p * 10), 9)
    expected = [
        (p[groups == g].mean(), is_class[groups == g].mean(), int((groups == g).sum())) for g in np.unique(groups)
    ]

    assert [(g["predicted"], g["observed"], g["n_rows"]) for g in part["groups"]] == [
        (pytest.approx(mean), pytest.approx(share), n) for mean, share, n in expected
    ]
    assert part["error"] == pytest.approx(sum(n * abs(mean - share) for mean, share, n in expected) / len(p))


def test_ranking_against_scikit_learn(penguins):
    model, (_, validation) = fitted("species")
    found = view("ranking", penguins, {"output": 1})["parts"][1]
    truth, p = validation.y == "Chinstrap", model.predict_proba(validation.X)[:, 1]

    assert found["area"] == pytest.approx(metrics.roc_auc_score(truth, p))
    assert found["average_precision"] == pytest.approx(metrics.average_precision_score(truth, p))
    assert found["roc"][0] == [0, 0]
    assert found["roc"][-1] == [1, 1]


@pytest.mark.parametrize("place", [0, 1])
def test_residuals_against_scikit_learn(masses, place):
    model, parts = fitted("body_mass_g")
    part = parts[place]
    found = view("residuals", masses)["parts"][place]
    predicted = model.predict(part.X)

    assert found["r2"] == pytest.approx(metrics.r2_score(part.y, predicted))
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(part.y, predicted))
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(part.y, predicted))
    assert found["mean"] == pytest.approx(np.mean(part.y - predicted))
    assert sum(found["counts"]) == len(part)
    worst = part.rows[np.argmax(np.abs(part.y - predicted))]
    assert worst in [point["row"] for point in found["points"]]
    by_row = dict(zip(part.rows.tolist(), zip(part.y, predicted, strict=True), strict=True))
    assert all((point["actual"], point["predicted"]) == by_row[point["row"]] for point in found["points"])
    assert all(point["residual"] == point["actual"] - point["predicted"] for point in found["points"])


def test_blame_is_the_librarys(penguins):
    model, (_, validation) = fitted("species")
    expected = gn.blame(model, validation.X, validation.y)
    found = view("blame", penguins, {"part": "validation"})

    assert found["cost"] == expected.cost
    assert [(each["name"], each["blame"]) for each in found["columns"]] == [
        (each.column, each.blame) for each in expected.columns
    ]
    assert [each["name"] for each in found["classes"]] == [each.label for each in expected.classes]
    assert [(each["row"], each["blame"]) for each in found["rows"]] == [
        (validation.rows[each.row], each.blame) for each in expected.rows[:25]
    ]
    neurons = {each.name: each for each in expected.neurons}
    assert {(each["layer"], each["index"]) for each in found["neurons"]} == {(1, j) for j in range(6)}
    assert all(neurons[f"hidden1.{each['index'] + 1}"].blame == each["blame"] for each in found["neurons"])


def test_blame_of_a_plain_network(truth_table):
    expected = gn.blame(
        truth_table.network, truth_table.X, truth_table.Y, cost="half_squared_error"
    )  # fmt: skip
    found = view("blame", truth_table)

    assert found["cost"] == expected.cost
    assert [each["row"] for each in found["rows"]] == [each.row for each in expected.rows]
    columns = {"x1": "x", "x2": "y", "x3": "z"}
    assert [(each["name"], each["blame"]) for each in found["columns"]] == [
        (columns[each.column], each.blame) for each in expected.columns
    ]


def test_learning_curves_are_the_history(penguins):
    model, parts = fitted("species")
    found = view("learning", penguins)
    curves = {curve["name"]: curve["points"] for curve in found["curves"]}

    assert [value for _, value in curves["validation_cost"]] == model.history_["validation_cost"].tolist()
    assert [epoch for epoch, _ in curves["cost"]] == list(range(1, len(model.history_) + 1))
    assert found["best_epoch"] == model.history_.best_epoch
    scores = {score["name"]: (score["training"], score["validation"]) for score in found["scores"]}
    assert scores["accuracy"] == tuple(metrics.accuracy_score(part.y, model.predict(part.X)) for part in parts)
    assert scores["log loss"] == pytest.approx(
        tuple(metrics.log_loss(part.y, model.predict_proba(part.X), labels=model.classes_) for part in parts)
    )


def overfitted():
    """Noise, of which 40 rows were learned by heart."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(140, 4)), rng.normal(size=140)
    model = gn.GlassRegressor((60,), preset="plain", solver="adam", learning_rate_init=0.02, max_iter=300,
                              random_state=0, tol=0)  # fmt: skip
    model.fit(X[:40], y[:40])
    return of_model(model, table_from(X), y, np.arange(140) >= 40)


def test_the_gap_in_words():
    subject = overfitted()
    expected = [
        float(gn.cost(subject.cost, gn.forward(subject.network, subject.X[rows]).A[-1], subject.Y[rows]))
        for rows in (~subject.held_out, subject.held_out)
    ]
    found = view("learning", subject)

    assert found["gap"] == "overfitting"
    training, validation = (f"{value:.6g}".replace("e-0", "e−") for value in expected)
    words = f"The cost is {training} over 40 training rows and {validation} over 100 validation rows."
    assert found["words"][0] == words
    assert found["words"][1].startswith(f"That is {expected[1] / expected[0]:.3g} times as much, and more than chance")


def test_a_training_that_diverged_says_nothing_of_overfitting():
    """Also where an early epoch was kept, whose numbers are finite."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.normal(size=60)
    model = gn.GlassRegressor((4,), preset="plain", solver="gd", activation="identity", learning_rate_init=1e3,
                              max_iter=400, random_state=0)  # fmt: skip
    with pytest.warns(UserWarning, match="training diverged"):
        model.fit(X[:40], y[:40])
    found = view("learning", of_model(model, table_from(X), y, np.arange(60) >= 40))

    assert found["gap"] == "unknown"
    assert found["words"] == ["The training diverged, and says nothing about overfitting: try a smaller learning rate."]


def test_without_validation_rows_overfitting_cannot_be_seen(truth_table):
    found = view("learning", truth_table)

    assert found["gap"] == "unknown"
    assert found["words"] == ["No rows are held out, so overfitting cannot be seen: build with validation rows."]


def test_weights_are_the_networks(truth_table):
    found = view("weights", truth_table)["layers"]
    W = truth_table.network.W

    assert [layer["title"] for layer in found] == ["into hidden layer 1", "into the outputs"]
    assert [layer["norm"] for layer in found] == pytest.approx([np.linalg.norm(W[1]), np.linalg.norm(W[2])])
    assert [sum(layer["counts"]) for layer in found] == [9, 3]


def test_neurons_in_numbers(truth_table):
    """Row by row in plain Python, with relu so that some rows are silent."""
    network = gn.Network.create([3, 5, 1], hidden="relu", output="sigmoid", seed=1)
    subject = replace(truth_table, network=network)
    found = view("neurons", subject)
    told = [gn.explain(network, x, y, cost=subject.cost) for x, y in zip(subject.X, subject.Y, strict=True)]
    for layer in (1, 2):
        a = np.asarray([each.forward[layer].a for each in told])
        delta = np.asarray([each.backward[layer].delta for each in told])
        expected = {
            "silent": [sum(value == 0 for value in column) / len(told) for column in a.T],
            "blame": [sum(abs(value) for value in column) / len(told) for column in delta.T],
            "norm": [sum(w**2 for w in row) ** 0.5 for row in network.W[layer].tolist()],
        }
        for name, values in expected.items():
            assert found["layers"][layer - 1][name] == pytest.approx(values), (layer, name)
    assert found["n_rows"] == 8
    assert 0 < max(found["layers"][0]["silent"]) <= 1


def test_large_tables_are_sampled_and_say_so():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(7_000, 2))
    y = np.where(X[:, 0] > 0, "right", "left")
    model = gn.GlassClassifier((3,), max_iter=2, random_state=0).fit(X, y)
    subject = of_model(model, table_from(X), y)

    assert (
        "of 5,000 of 7,000 rows, drawn at random are predicted right" in view("confusion", subject)["parts"][0]["words"]
    )
    assert view("blame", subject)["n_judged"] == 2_000
    assert len(view("surface", subject)["points"]) == 300
    assert view("surface", subject)["words"].endswith(" The points are 300 of 7,000 rows, drawn at random.")
    assert view("surface", subject) == view("surface", subject)


def test_wide_tables_get_a_coarser_surface(monkeypatch, penguins):
    monkeypatch.setattr(surfaces, "MOST_CELLS", 7 * 30**2)
    found = view("surface", penguins)

    assert (len(found["x"]["values"]), len(found["values"])) == (30, 30)


def test_several_labels():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = (X > 0).astype(int)
    model = gn.GlassClassifier((4,), max_iter=5, random_state=0).fit(X, y)
    subject = of_model(model, table_from(X), y)
    missing = {card["view"]: card["unavailable"] for card in view("overview", subject)["views"] if card["unavailable"]}

    assert set(missing) == {"confusion", "calibration", "ranking", "residuals"}
    assert missing["confusion"] == "its rows have several labels instead of one class; look at the blame."
    found = view("surface", subject, {"output": 1})
    assert found["predicted"] is None
    assert 0 <= found["low"] < found["high"] <= 1
    assert view("learning", subject)["scores"] == []


def test_names_are_made_visible():
    X = {"a\u202eb": [0.0, 1.0] * 10, "c": [1.0, 0.0] * 10}
    y = np.asarray(["x\x01", "<b>"] * 10)
    model = gn.GlassClassifier((2,), max_iter=2, random_state=0).fit(X, y)
    subject = of_model(model, table_from(X), y)
    overview = view("overview", subject)

    assert overview["columns"][0] == {"name": "a\u202eb", "label": "a\ufffdb"}
    assert overview["outputs"] == ["<b>", "x\ufffd"]
    assert view("surface", subject, {"x": "a\u202eb"})["x"]["label"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("surfaces", {}, ParameterError, "view='surfaces' is not known. Choose from: 'surface', 'response', 'l"),
        ("weights", {"x": 1}, ParameterError, "the view 'weights' has no option 'x'; it has no options."),
        ("overview", {"x": 1}, ParameterError, "the view 'overview' has no option 'x'; it has no options."),
        ("surface", {"z": "a"}, ParameterError, "the view 'surface' has no option 'z'; its options are x, y, at, outp"),
        ("surface", {"x": "body_mass"}, ColumnError, "x='body_mass': there is no such column; did you mean 'body_mas"),
        ("surface", {"x": 4}, ColumnError, "x=4: there is no such column; the columns are "),
        ("surface", {"x": "sex", "y": "sex"}, ParameterError, "x and y are both 'sex', but a surface has two columns;"),
        ("surface", {"at": "mean"}, ParameterError, "at='mean' is not known. Choose from: 'typical', 'row'."),
        ("response", {"y": "sex"}, ParameterError, "the view 'response' has no option 'y'; its options are x, at, out"),
        ("response", {"output": -1}, ParameterError, "output=-1 is not a place among the 3 outputs; choose a whole"),
        ("surface", {"output": 3}, ParameterError, "output=3 is not a place among the 3 outputs; choose a whole numb"),
        ("surface", {"output": True}, ParameterError, "output=True is not a place among the 3 outputs"),
        ("surface", {"output": "Gentoo"}, ParameterError, "output='Gentoo' is not a place among the 3 outputs"),
        ("blame", {"part": "test"}, ParameterError, "part='test' is not known. Choose from: 'training', 'validation'"),
        ("landscape", {"plane": 3.5}, ParameterError, "plane=3.5 is not known. Choose from: 'descent', 'random'."),
        ("residuals", {}, ParameterError, "the view 'residuals' cannot be shown: the model predicts classes"),
    ],
)
def test_options_that_cannot_be(penguins, name, options, error, message):
    with pytest.raises(error) as failure:
        view(name, penguins, options)
    assert message in str(failure.value)


def test_findings_are_those_of_the_doctor(masses):
    training, validation = seen_of(masses).parts
    expected = gn.diagnose(masses.model, training.X, training.y, validation=(validation.X, validation.y))
    found = view("findings", masses)

    assert found["words"] == f"1 warning, 2 notes by {len(RULES)} rules in 239 rows and 103 new rows."
    assert [each["rule"] for each in found["findings"]] == [each.rule.replace("-", " ") for each in expected.findings]
    names = ("level", "evidence", "meaning", "next")
    told = [tuple(each[name] for name in names) for each in found["findings"]]
    assert told == [tuple(getattr(each, name) for name in names) for each in expected.findings]


def test_findings_beside_training_are_those_of_the_rules_that_listen(masses):
    """On a sample of the training rows, without new ones: they cost little, and come again and again."""
    found = view("findings", replace(masses, is_training=True))

    assert found["words"].startswith(
        f"Nothing found by {len(LISTENING)} rules in 239 rows. They listen to the training;"
    )
    assert found["findings"] == []


def test_findings_number_rows_as_the_table_does(masses):
    """By hand: the row lies further outside of the range of the training rows than a tenth of it."""
    (found,) = (each for each in view("findings", masses)["findings"] if each["rule"] == "outside")
    row = int(found["where"].split()[2])
    values = dict(zip(masses.rows.tolist(), masses.table["bill_length_mm"].tolist(), strict=True))
    inside = [value for value in masses.table["bill_length_mm"][~masses.held_out].tolist() if value == value]

    assert values[row] > max(inside) + 0.1 * (max(inside) - min(inside))


def test_findings_have_their_plots_and_rows(masses):
    training, validation = seen_of(masses).parts
    expected = gn.diagnose(masses.model, training.X, training.y, validation=(validation.X, validation.y))
    for card, finding in zip(view("findings", masses)["findings"], expected.findings, strict=True):
        assert (card["plot"] is None) == (finding.plot is None)
        assert card["n_rows"] == len(finding.rows)
        if finding.plot is not None:
            assert card["plot"]["series"] == [
                {"name": each.name, "values": list(each.values)} for each in finding.plot.series
            ]
            assert card["plot"]["words"].startswith(f"{finding.plot.y} by {finding.plot.x}: ")


def test_findings_of_a_plain_network(truth_table):
    """Its inputs have the names of the page; hidden neurons that are copies of each other are found."""
    layers = [([[0.5, -0.5, 0.1]] * 2, [0.0, 0.0]), ([[1.0, 1.0]], [0.0])]
    net = gn.Network.from_weights(layers, hidden="tanh", output="sigmoid")
    names = neuron_names(net, ("x", "y", "z"), ("F",))
    found = view("findings", replace(truth_table, network=net, names=names))

    assert "copied units" in [each["rule"] for each in found["findings"]]


def test_a_class_that_nothing_can_be_ranked_for():
    X, y = [[0.0], [1.0]] * 10, np.asarray(["a", "b"] * 10)
    model = gn.GlassClassifier((2,), max_iter=2, random_state=0).fit(X, y)
    subject = of_model(model, table_from(X[::2]), y[::2])
    with pytest.raises(ParameterError, match="all rows or none are of class 'b', so there is nothing to rank; choose"):
        view("ranking", subject)
    with pytest.raises(ParameterError, match="it needs two columns of numbers or categories, and the model has fewer"):
        view("surface", subject)
    assert view("response", subject)["output"] == 1


def test_a_class_that_training_did_not_have():
    X, y = [[0.0, 1.0], [1.0, 0.0]] * 10, np.asarray(["a", "b"] * 10)
    model = gn.GlassClassifier((2,), max_iter=2, random_state=0).fit(X, y)
    subject = replace(of_model(model, table_from(X), y), target=np.asarray(["a", "c"] * 10))
    with pytest.raises(DataError, match="the class 'c' was not among the rows of training; leave its rows out"):
        view("confusion", subject)


def test_outputs_of_a_plain_network_are_classes_where_targets_are(truth_table):
    def classes(Y, output, names):
        Y = np.asarray(Y, dtype=float)
        net = gn.Network.create([1, Y.shape[1]], output=output, seed=0)
        names = neuron_names(net, ("x",), names)
        subject = replace(truth_table, network=net, names=names, X=np.zeros((len(Y), 1)), Y=Y, rows=np.arange(len(Y)),
                          held_out=np.zeros(len(Y), bool))  # fmt: skip
        return seen_of(subject).model.classes

    assert classes([[0], [1]], "sigmoid", ("o",)) == (0, 1)
    assert classes([[0.5], [1]], "sigmoid", ("o",)) is None
    assert classes([[0], [1]], "tanh", ("o",)) is None
    assert classes([[0, 1], [1, 0]], "softmax", ("a", "b")) == ("a", "b")
    assert classes([[1, 1], [1, 0]], "sigmoid", ("a", "b")) is None
