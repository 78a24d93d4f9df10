"""`glassnet evaluate`: scores of a model on rows with a known target."""

from typing import Any

from glassnet.cli.console import emit_json, heading, note, say, table, working
from glassnet.cli.inputs import load_model, new_rows, target_of
from glassnet.cli.options import Data, Json, Model, Target
from glassnet.cli.scores import HEADS, show_scores, written
from glassnet.errors import ParameterError
from glassnet.estimators.streaming.judgment import judge
from glassnet.wording import counted

MOST_CLASSES = 20  # larger confusion matrices are only in --json


def evaluate(model: Model, data: Data, target: Target = None, json: Json = False) -> None:
    """Compare a model's predictions with the target in DATA.

    For classification, prints accuracy, log loss and the confusion matrix; for regression, RMSE, MAE and R² in the
    target's units. The best constant prediction is scored too. DATA may be larger than the memory.
    """
    fitted = load_model(model)
    name = target_of(fitted, target)
    if name is None:
        raise ParameterError("the model does not store the name of its target; name the column with --target.")
    source = new_rows(fitted, data)
    with working("evaluating"):
        result = judge(fitted, source.rows, name)
    if json:
        emit_json({"source": source.description, "notices": list(source.notices), **result})
        return
    _show(result, list(source.notices))


def _show(result: dict[str, Any], notices: list[str]) -> None:
    heading(f"{result['target']}: {counted(result['n_rows'], 'row')}")
    baseline = dict(result["baseline"])
    show_scores([("this model", result["model"]), (baseline.pop("name"), baseline)])
    if "confusion" in result:
        _show_confusion(**result["confusion"])
    if result["n_without_target"] == 1:
        notices.append(f"1 row has no value of {result['target']!r} and is left out.")
    elif result["n_without_target"]:
        notices.append(f"{result['n_without_target']} rows have no value of {result['target']!r} and are left out.")
    if result["trained_on_these_rows"]:
        notices.append(_honest(result["trained_on_these_rows"]))
    if notices:
        say("")
    for notice in notices:
        note(notice)


def _honest(test: dict[str, Any]) -> str:
    name, value = next(iter(test["model"].items()))
    return (
        "the model was trained on most of these rows, so these scores are too optimistic. On the "
        f"{test['n_rows']} held-out rows: {HEADS[name]} {written(name, value)}."
    )


def _show_confusion(classes: list[Any], counts: list[list[int]]) -> None:
    if len(classes) > MOST_CLASSES:
        say(f"{len(classes)} classes: the confusion matrix is in --json.")
        return
    heading("Confusion matrix")
    heads = ["true \\ predicted", *map(str, classes)]
    rows = [[str(label), *map(str, line)] for label, line in zip(classes, counts, strict=True)]
    table(heads, rows, right=range(1, len(heads)), first="bold")
