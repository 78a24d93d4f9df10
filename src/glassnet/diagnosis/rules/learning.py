"""Rules about how well the network has learned: at all, better than a line, long enough, steadily."""

from collections.abc import Iterator

import numpy as np

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Listening, Rule
from glassnet.diagnosis.subject import Subject
from glassnet.diagnosis.words import digits, listed, percent
from glassnet.drawing.small.plot import Plot, bars, lines

NOTHING = 0.02  # share of the constant's cost that a network has saved at least
A_SIGNAL = 0.05  # share that a linear model saves where there is something to learn
WORSE = 1.1  # times the cost of the linear model
SURE = 4.0  # standard errors
FALLS = 0.05  # in the last tenth of the epochs
BY_HEART = 2.5  # times the cost of the rows of training, the cost of new ones; from there on, more epochs do not help
FEWEST_EPOCHS = 20
ABOVE_BEST = 0.05  # of the way from the first to the best cost
RISES = 0.35  # share of the epochs
GROUPS = 40  # of rows in a plot


def nothing_learned(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the network is hardly better than a constant; whether it could be, a linear model says."""
    if not subject.has_linear:
        return
    constant, cost = float(np.mean(subject.losses_of_constant(subject.rows))), subject.statistics.cost
    if not constant > 0 or not np.isfinite(cost) or cost < (1 - NOTHING) * constant:
        return
    linear, chosen = subject.linear
    saved = 1 - float(np.mean(linear)) / float(np.mean(subject.losses_of_constant(subject.rows)[chosen]))
    evidence = (
        f"Its cost, the mean error, is {digits(cost)}; always predicting "
        f"{'the mean' if subject.task == 'regression' else 'the shares of the classes'} costs {digits(constant)}."
    )
    is_worse = cost > (1 + NOTHING) * constant
    if saved >= A_SIGNAL or is_worse:
        yield Finding(
            "nothing-learned",
            "error",
            "the whole network",
            f"{evidence} A linear model of the same inputs, judged on rows that it was not trained on, saves "
            f"{percent(max(saved, 0.0))} of that.",
            1 - cost / constant,
            NOTHING,
            "One answer for all rows would be better than what the network says: its training failed."
            if is_worse
            else "The network gives nearly the same answer for every row, although the inputs say more.",
            _to_learn(subject),
            plot=_costs(cost, constant, (1 - saved) * constant),
        )
    else:
        yield Finding(
            "nothing-learned",
            "note",
            "the whole network",
            f"{evidence} A linear model is hardly better: it saves {percent(max(saved, 0.0))}.",
            saved,
            A_SIGNAL,
            "Perhaps these inputs say nothing about the target, or only in ways that neither model has found.",
            "Look for columns that should matter, and for mistakes in how the target was joined to the rows.",
            plot=_costs(cost, constant, (1 - saved) * constant),
        )


def _to_learn(subject: Subject) -> str:
    """Return what may make the network learn, without what its settings have already."""
    settings = subject.training.settings
    is_ours = settings is None or subject.training.settings_are_ours
    names = {subject.network.activation[layer].name for layer in subject.hidden_layers()}
    ways, rate = ["More epochs (max_iter=...)"], "learning_rate_init"
    if settings is not None and repr(settings.given[rate]) != repr(settings.defaults[rate]):
        ways.append(f"the usual learning rate ({rate}={settings.defaults[rate]!r})")
    elif subject.training.solver != "lbfgs":
        ways.append(f"another learning rate ({rate}=...)")
    if is_ours and names - {"silu"}:
        ways.append("activation='silu'")
    if settings is None or settings.used.get("preset") != "tabular":
        ways.append("scaled inputs (preset='tabular')" if is_ours else "scaled inputs (StandardScaler)")
    return f"{listed(ways)}."


def worse_than_linear(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if a linear model does better, even on rows that it was not trained on."""
    if not subject.has_linear:
        return
    linear, chosen = subject.linear
    own, constant = subject.losses[chosen], subject.losses_of_constant(subject.rows)[chosen]
    difference = own - linear
    mean, error = float(np.mean(difference)), float(np.std(difference, ddof=1)) / np.sqrt(len(difference))
    is_worse = mean > SURE * error and float(np.mean(own)) > WORSE * float(np.mean(linear))
    # a linear model that is no better than a constant is no yardstick
    if not is_worse or float(np.mean(linear)) > (1 - A_SIGNAL) * float(np.mean(constant)):
        return
    if float(np.mean(own)) > (1 - NOTHING) * float(np.mean(constant)):  # which another rule says
        return
    ratio = float(np.mean(own)) / float(np.mean(linear))
    yield Finding(
        "worse-than-linear",
        "warning",
        "the whole network",
        f"Its cost on these rows, the mean error, is {digits(float(np.mean(own)))}. A linear model, judged on rows "
        f"that it was not trained on, has {digits(float(np.mean(linear)))}.",
        ratio,
        WORSE,
        "A network can do everything that a linear model can, so this one has not been trained well.",
        "More epochs (max_iter=...), more units (hidden_layer_sizes=...), a smaller penalty (alpha=...), or another "
        "learning rate (learning_rate_init=...).",
        plot=_costs(float(np.mean(own)), float(np.mean(constant)), float(np.mean(linear))),
    )


def stopped_early(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the cost was still falling when the epochs ended."""
    history = subject.training.history
    if history is None or history.stopped != "epochs" or len(history) < FEWEST_EPOCHS:
        return
    if subject.new_losses is not None and float(subject.new_losses.mean()) > BY_HEART * float(subject.losses.mean()):
        return
    watched = history["validation_cost"]
    what = "validation cost"
    if not np.isfinite(watched).all():
        watched, what = history["objective"], "cost"
    if not np.isfinite(watched).all():
        return
    tenth = max(2, len(watched) // 10)
    before, after = float(np.median(watched[-2 * tenth : -tenth])), float(np.median(watched[-tenth:]))
    fall = 1 - after / before if before > 0 else 0.0
    if fall < FALLS:
        return
    yield Finding(
        "stopped-early",
        "warning",
        f"epoch {len(history)}",
        f"In the last {tenth} of {len(history)} epochs, the {what} was {percent(fall)} lower than in the {tenth} "
        f"before.",
        fall,
        FALLS,
        "Training ended while the network was still learning.",
        f"max_iter={2 * len(history)}, twice as many epochs, or early_stopping=True with a large max_iter.",
        plot=lines({what: watched}, x="epoch", y=what),
    )


def unsteady(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the cost jumps up and down, and ends far above its best."""
    history = subject.training.history
    if history is None or len(history) < FEWEST_EPOCHS or history.divergence is not None:
        return
    cost = history["objective"]
    if not np.isfinite(cost).all():
        return
    late = cost[len(cost) // 4 :]
    rises = float(np.mean(np.diff(late) > 0))
    best, last = float(cost.min()), float(np.median(cost[-max(3, len(cost) // 10) :]))
    way = float(cost[0]) - best
    above = (last - best) / way if way > 0 else np.inf if last > best else 0.0
    if rises < RISES or above < ABOVE_BEST:
        return
    rate = subject.training.learning_rate
    yield Finding(
        "unsteady",
        "warning",
        "the whole training",
        f"The cost rose in {percent(rises)} of the epochs, and ended at {digits(last)}; its best was {digits(best)}.",
        above,
        ABOVE_BEST,
        "The steps are too large: each one overshoots the best weights instead of coming closer.",
        "A smaller learning rate" + ("." if rate is None else f": learning_rate_init={rate / 3:.3g}."),
        plot=lines({"cost": cost}, x="epoch", y="cost"),
    )


def ordered_rows(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if rows with like targets follow each other, and were not shuffled."""
    if subject.training.shuffles or len(subject.rows) < FEWEST_EPOCHS:
        return
    Y = subject.rows.Y - subject.rows.Y.mean(axis=0)
    power = float(np.sum(Y * Y))
    if not power > 0:
        return
    correlation = float(np.sum(Y[1:] * Y[:-1])) / power
    limit = max(0.1, SURE / np.sqrt(len(Y)))
    if correlation < limit:
        return
    yield Finding(
        "ordered-rows",
        "warning",
        "the order of the rows",
        f"Rows that follow each other have similar targets (correlation {digits(correlation)}; at random, it is about "
        f"0), and shuffle=False.",
        correlation,
        limit,
        "Each step of the training then sees rows of one kind, and the network forgets the others meanwhile.",
        "shuffle=True, or rows that are put into random order before.",
        plot=_in_order(subject),
    )


def _costs(network: float, constant: float, linear: float) -> Plot:
    names = ["this network", "one answer for all rows", "a linear model"]
    return bars([network, constant, linear], names, x="model", y="cost", marked=[0])


def _in_order(subject: Subject) -> Plot:
    """Return the means of the target in groups of consecutive rows; of several outputs, the one that varies most."""
    groups = np.array_split(subject.rows.Y, min(GROUPS, len(subject.rows)))
    means = np.asarray([group.mean(axis=0) for group in groups])
    k = int(np.argmax(means.std(axis=0)))
    what = "target" if not subject.classes else f"share of class {subject.classes[k if means.shape[1] > 1 else 1]}"
    return lines({what: means[:, k]}, x=f"group of about {len(groups[0]):,} rows, in their order", y=what)


RULES = (
    Rule(
        "nothing-learned",
        "A network that is hardly better than a constant, although a linear model is.",
        "scikit-learn issue 31235; the first loss and base rate in Karpathy's recipe, 2019",
        nothing_learned,
        listening=Listening(after=0.2, seconds=0.5),
    ),
    Rule(
        "worse-than-linear",
        "A network that does worse on its rows than a linear model on new ones.",
        "paired comparison of losses",
        worse_than_linear,
    ),
    Rule(
        "stopped-early",
        "A cost that was still falling at the end.",
        "scikit-learn's ConvergenceWarning",
        stopped_early,
        needs_rows=False,
        listening=Listening(),
    ),
    Rule(
        "unsteady",
        "A cost that jumps up and down and ends above its best.",
        "LeCun et al. 1998",
        unsteady,
        needs_rows=False,
        listening=Listening(),
    ),
    Rule("ordered-rows", "Rows in an order that is not random, without shuffling.", "Bottou 2012", ordered_rows),
)
