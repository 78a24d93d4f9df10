"""`glassnet evaluate`: scores, confusion, the best constant answer, and honesty about rows seen in training."""

import numpy as np
import pandas as pd
import pytest

import glassnet as gn


def test_scores_and_confusion_equal_those_counted_by_hand(run, penguins_model):
    record = run("evaluate", penguins_model, "penguins.csv", "--json").json
    table = pd.read_csv("penguins.csv")
    model = gn.load(penguins_model)
    guess, truth = model.predict(table), table["species"].to_numpy()
    P = model.predict_proba(table)
    log_loss = -np.mean([np.log(P[i, list(model.classes_).index(label)]) for i, label in enumerate(truth)])

    assert record["n_rows"] == 344
    assert record["model"]["accuracy"] == pytest.approx(np.mean(guess == truth))
    assert record["model"]["log_loss"] == pytest.approx(log_loss)
    assert record["baseline"]["name"] == "always 'Adelie'"
    assert record["baseline"]["accuracy"] == pytest.approx(152 / 344)
    expected = pd.crosstab(truth, guess).reindex(columns=model.classes_, fill_value=0).to_numpy()
    assert record["confusion"] == {"classes": model.classes_.tolist(), "counts": expected.tolist()}


def test_rows_seen_in_training_are_called_so(run, penguins_model):
    assert (
        "these scores are too optimistic. On the 69 held-out rows"
        in run("evaluate", penguins_model, "penguins.csv").out
    )
    pd.read_csv("penguins.csv").head(50).to_csv("some.csv", index=False)
    assert "optimistic" not in run("evaluate", penguins_model, "some.csv").out


def test_rows_without_a_target_are_left_out_and_counted(run, penguins_model):
    table = pd.read_csv("penguins.csv").head(9)
    table.loc[2, "species"] = np.nan
    table.to_csv("some.csv", index=False)
    outcome = run("evaluate", penguins_model, "some.csv")

    assert "species: 8 rows" in outcome.out
    assert "1 row has no value of 'species' and is left out." in outcome.out


def test_a_class_that_the_model_does_not_know_counts_as_wrong(run, penguins_model):
    table = pd.read_csv("penguins.csv").head(4)
    table.loc[0, "species"] = "Emperor"
    table.to_csv("some.csv", index=False)
    record = run("evaluate", penguins_model, "some.csv", "--json").json

    assert record["model"]["accuracy"] <= 0.75
    assert "Emperor" in record["confusion"]["classes"]


def test_a_model_from_python_is_told_the_target(run, folder):
    table = pd.read_csv("penguins.csv")
    columns = ["bill_length_mm", "bill_depth_mm"]
    gn.GlassClassifier((4,), max_iter=2, random_state=0).fit(table[columns], table["species"].to_numpy()).save(
        "p.glassnet"
    )

    outcome = run("evaluate", "p.glassnet", "penguins.csv")
    assert outcome.code == 2
    assert "name the column with --target" in outcome.err
    assert run("evaluate", "p.glassnet", "penguins.csv", "--target", "species").code == 0
