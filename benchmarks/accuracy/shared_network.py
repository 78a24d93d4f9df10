"""TabM-mini in PyTorch: members that share all weights, prepared and trained by glassnet's own default recipe.

Each member multiplies the inputs of the first layer by a scaling vector of its own, r, and has an output layer of its
own; everything between is shared (Gorishniy, Kotelnikov and Babenko 2024, arXiv 2410.24210). One member without scaling
is glassnet's single network.

Encoders, rows held out, embedding, sizes, learning rates and schedule are those of a glassnet estimator with defaults:
they are read from what it prepares before its first step, so that nothing but the sharing differs.
"""

from dataclasses import dataclass
from itertools import pairwise
from time import process_time

import numpy as np
import torch
import torch.nn.functional as F

import glassnet as gn
from benchmarks.accuracy.models import glassnet
from glassnet.core.catalog.schedules import resolve_schedule
from glassnet.core.data_start import start_from_data
from glassnet.core.front import N_WAVES, front_forward
from glassnet.estimators.fitting.preparation import prepare
from glassnet.estimators.fitting.samples import some_rows
from glassnet.estimators.fitting.temperature import best_temperature, probabilities
from glassnet.estimators.inputs import read_X

BETA1, EPSILON = 0.9, 1e-8
TOLERATED = 1e-3  # between outputs in float32 and in float64
OPERATIONS_OF_ADAM = 12  # per parameter and step: 3 for m, 4 for v, 5 for the step


@dataclass(frozen=True)
class Sharing:
    """How the members differ at the start and how fast they learn.

    Attributes
    ----------
    n_members : int
        1 is a single network without scaling.
    scalings : {"auto", "signs", "normal"}
        Start values of r, one draw for all inputs that one column of the table makes; "auto" is normal where numbers
        are embedded and -1 or 1 elsewhere, as TabM has it.
    own_heads : bool
        Whether each member has an output layer of its own.
    rate : float
        Times the recipe's learning rate.
    scaling_rate : float
        Times the learning rate, for r.
    """

    n_members: int = 8
    scalings: str = "auto"
    own_heads: bool = True
    rate: float = 1.0
    scaling_rate: float = 1.0


class Parameters:
    """All parameters in one flat vector, each part with its factor of the learning rate."""

    def __init__(self, parts):
        """Take {name: (start values, factor)}."""
        self.shapes = {name: value.shape for name, (value, _) in parts.items()}
        self.sizes = [int(np.prod(shape)) for shape in self.shapes.values()]
        flat = np.concatenate([np.ravel(value) for value, _ in parts.values()])
        self.theta = torch.tensor(flat, dtype=torch.float32, requires_grad=True)
        self.factors = torch.repeat_interleave(
            torch.tensor([factor for _, factor in parts.values()], dtype=torch.float32), torch.tensor(self.sizes)
        )

    def parts(self):
        """Return each part in its shape, by name."""
        cut = self.theta.split(self.sizes)
        return {name: part.view(shape) for (name, shape), part in zip(self.shapes.items(), cut)}


class SharedEnsemble:
    """An estimator as `folds.one_fold` wants it: fit, predict, predict_proba, classes_."""

    def __init__(self, is_regression, seed, **sharing):
        self.seed, self.sharing = seed, Sharing(**sharing)
        self.estimator = glassnet(is_regression, seed)

    def fit(self, X, y):
        """Prepare the table as glassnet does, train, and find the temperature."""
        ready = prepare(self.estimator, X, y, None, None, again=False)
        self.run, held = ready.runs[0], ready.held[0]
        if held is None or self.run["l2"] > 0:
            raise SystemExit("Only tables from 1,000 rows on are meant: smaller ones have another recipe.")
        self.front = self.run["network"].front
        self.parameters = Parameters(start(self.run, self.sharing, self._columns(), ready.seeds[0]))
        started = process_time()
        self.best_epoch = self._train()
        self.seconds = process_time() - started
        self._check_members(held.A0)
        self.temperature = self._temperature(held) if self.is_classification else 1.0
        return self

    def predict(self, X):
        """Return classes or quantities."""
        return self.estimator.target_encoder_.inverse(self._answers(X))

    def predict_proba(self, X):
        """Return the members' mean probabilities, with the temperature."""
        A = self._answers(X)
        return np.hstack([1.0 - A, A]) if A.shape[1] == 1 else A

    @property
    def classes_(self):
        """The labels, sorted."""
        return self.estimator.target_encoder_.classes

    @property
    def is_classification(self):
        """Whether the target has classes."""
        return isinstance(self.estimator, gn.GlassClassifier)

    @property
    def n_parameters(self):
        """Numbers that are learned, of all members together."""
        return self.parameters.theta.numel()

    @property
    def gigaflop(self):
        """Arithmetic of the training: matrix products and optimizer; rows held out and elementwise work aside.

        Forward, gradients and blame are a multiplication and an addition each, for every weight, row and member; inputs
        have no blame where nothing in front of them learns.
        """
        n, epochs, k = len(self.run["X"]), self.run["epochs"], self.sharing.n_members
        sizes = self.run["network"].sizes
        weights = sum(n_in * n_out for n_in, n_out in pairwise(sizes))
        unblamed = 0 if self.front is not None or k > 1 else sizes[0] * sizes[1]
        steps = epochs * -(-n // self.run["batch_size"])
        of_products = k * n * epochs * (6 * weights - 2 * unblamed)
        return (of_products + steps * OPERATIONS_OF_ADAM * self.n_parameters) / 1e9

    def member(self, k):
        """Return a member as the ordinary network that it is: the scaling a front, weights shared, the head its own."""
        found, like = (
            {name: part.detach().numpy() for name, part in self.parameters.parts().items()},
            self.run["network"],
        )
        has_scaling = self.sharing.n_members > 1
        network = gn.Network.create(
            [like.n_inputs, *like.sizes[1:]],
            hidden="selu",
            output=like.activation[-1].name,
            numeric_embedding="pbld" if self.front else None,
            embedded=self.front.embedded if self.front else None,
            input_scaling=has_scaling,
        )
        values = {(0, name): found[name] for name in like.front_values}
        if has_scaling:
            values[0, "scale"] = found["scale"][k]
        for layer in range(1, like.n_layers):
            values[layer, "W"], values[layer, "b"] = found[f"W{layer}"], found[f"b{layer}"]
        head = k if self.sharing.own_heads else 0
        values[like.n_layers, "W"], values[like.n_layers, "b"] = found["head"][head], found["head bias"][head]
        return network.with_theta(network.layout.pack(values).astype(np.float64))

    # Forward.

    def _logits(self, parts, X, mask=lambda A: A):
        """Return Z[L] of every member, (n_members, n_batch, n_out); `mask` is the dropout of training."""
        A = embedded(self.front, parts, X)[None]  # (1, n_batch, n_inputs)
        if "scale" in parts:
            A = A * parts["scale"][:, None, :]  # (n_members, n_batch, n_inputs)
        for layer in range(1, self.run["network"].n_layers):
            A = mask(F.selu(F.linear(A, parts[f"W{layer}"], parts[f"b{layer}"])))  # (n_members, n_batch, n_hidden)
        heads = parts["head"].expand(len(A), -1, -1).transpose(1, 2)  # (n_members, n_hidden, n_out)
        return torch.matmul(A, heads) + parts["head bias"][:, None, :]

    def _outputs(self, X):
        """Return the mean of the members' outputs, (n_rows, n_out), without a temperature."""
        with torch.no_grad():
            Z = self._logits(self.parameters.parts(), X)
            return self._activated(Z).mean(dim=0)

    def _activated(self, Z):
        if not self.is_classification:
            return Z
        return torch.sigmoid(Z) if Z.shape[-1] == 1 else torch.softmax(Z, dim=-1)

    def _cost(self, Z, Y):
        """Return the mean over members and rows; smoothed targets are in Y."""
        Y = Y.expand_as(Z)
        if not self.is_classification:
            return 0.5 * ((Z - Y) ** 2).sum(dim=-1).mean()
        if Z.shape[-1] == 1:
            return F.binary_cross_entropy_with_logits(Z, Y)
        return -(Y * torch.log_softmax(Z, dim=-1)).sum(dim=-1).mean()

    def _cost_of_mean(self, A, Y):
        """Return the cost of the averaged outputs: what chooses the epoch."""
        if not self.is_classification:
            return float(0.5 * ((A - Y) ** 2).sum(dim=-1).mean())
        if A.shape[-1] == 1:
            return float(F.binary_cross_entropy(A, Y))
        return float(-(Y * torch.log(A.clamp_min(1e-30))).sum(dim=-1).mean())

    # Training.

    def _train(self):
        """Minimize the mean of the members' costs; keep the last best epoch on the rows held out, and return it."""
        run, p = self.run, self.parameters
        X, Y = tensor(run["X"]), tensor(run["Y"])
        held_X, held_Y = (tensor(part) for part in run["validation"])
        n, size, epochs, rng = len(X), run["batch_size"], run["epochs"], np.random.default_rng(self.seed)
        dropout = Dropout(run["dropout"], self.seed)
        n_steps = -(-n // size)
        done = np.arange(epochs * n_steps) / n_steps
        rates = self.sharing.rate * run["learning_rate"] * resolve_schedule(run["schedule"])(done / epochs, done)
        m, v = torch.zeros_like(p.factors), torch.zeros_like(p.factors)
        best, kept, best_epoch, t = np.inf, None, 0, 0
        beta2 = run["solver"][1]["beta2"]
        for epoch in range(1, epochs + 1):
            order = torch.from_numpy(rng.permutation(n))
            for rows in order.split(size):
                cost = self._cost(self._logits(p.parts(), X[rows], dropout), Y[rows])
                (grad,) = torch.autograd.grad(cost, p.theta)
                adam(p, grad, m, v, float(rates[t]), t + 1, beta2)
                t += 1
            held_cost = self._cost_of_mean(self._outputs(held_X), held_Y)
            if held_cost <= best:
                best, best_epoch, kept = held_cost, epoch, p.theta.detach().clone()
        with torch.no_grad():
            p.theta.copy_(kept)
        return best_epoch

    def _check_members(self, A0):
        """End if what PyTorch computes is not the mean of glassnet's outputs for the same members."""
        members = [gn.forward(self.member(k), A0).A[-1] for k in range(self.sharing.n_members)]
        apart = np.abs(np.mean(members, axis=0) - self._outputs(tensor(A0)).numpy()).max()
        if apart > TOLERATED:
            raise SystemExit(f"The outputs in PyTorch are {apart:.2g} from glassnet's for the same members.")

    def _temperature(self, held):
        """Return the temperature of the averaged probabilities by glassnet's own rule; of one network it is its own."""
        Y = self.estimator.target_encoder_.transform(held.y)
        labels = Y[:, 0].astype(np.int64) if Y.shape[1] == 1 else Y.argmax(axis=1)
        return best_temperature(logits_of(self._outputs(tensor(held.A0))), labels)

    def _answers(self, X):
        """Return the outputs of a table's rows, with the temperature."""
        A0 = self.estimator._encode(read_X(self.estimator, X, reset=False))
        A = self._outputs(tensor(A0))
        if not self.is_classification:
            return A.double().numpy()
        P = probabilities(logits_of(A) / self.temperature)
        return P[:, 1:] if A.shape[1] == 1 else P

    def _columns(self):
        """Return for each input which column of the table it was made of: waves stand behind the inputs."""
        widths = [len(step.input_names) for step in self.estimator.encoder_.steps]
        of_input = np.repeat(np.arange(len(widths)), widths)
        numbers = () if self.front is None else self.front.embedded
        return np.concatenate([of_input, np.repeat(of_input[list(numbers)], N_WAVES)])


def start(run, sharing, columns, seed):
    """Return the start values and learning-rate factors by name.

    glassnet's own start from data, over the rows as all members meet them; every head is drawn for itself.
    """
    network, k = run["network"], sharing.n_members
    factors = {(slot.layer, slot.name): slot.factor for slot in network.layout.slots}
    parts = {name: (value, factors[0, name]) for name, value in network.front_values.items()}
    rows = np.asarray(some_rows(run["X"], seed), dtype=np.float32)
    U = rows if network.front is None else front_forward(network.front, network.front_values, rows)[1]
    scale = draw_scalings(sharing, columns, network.front is not None, seed)  # (n_members, n_inputs)
    n_heads = k if sharing.own_heads else 1
    hidden = network.sizes[1:-1]
    plain = gn.Network.create(
        [U.shape[1], *hidden, n_heads * network.sizes[-1]], hidden="selu", dtype="float32", seed=seed, output="identity"
    )
    first = start_from_data(plain, (U[None] * scale[:, None, :]).reshape(-1, U.shape[1]), seed=seed)
    if k > 1:
        parts["scale"] = scale, sharing.scaling_rate
    last = network.n_layers
    for layer in range(1, last):
        parts[f"W{layer}"] = first.W[layer], factors[layer, "W"]
        parts[f"b{layer}"] = first.b[layer], factors[layer, "b"]
    parts["head"] = first.W[last].reshape(n_heads, -1, hidden[-1]), factors[last, "W"]
    parts["head bias"] = first.b[last].reshape(n_heads, -1), factors[last, "b"]
    return parts


def draw_scalings(sharing, columns, is_embedded, seed):
    """Return r of every member, (n_members, n_inputs), one draw for all inputs of a column; a single one has 1."""
    shape = (sharing.n_members, int(columns.max()) + 1)
    if sharing.n_members == 1:
        return np.ones((1, len(columns)), dtype=np.float32)
    rng = np.random.default_rng([seed, 1])
    kind = sharing.scalings if sharing.scalings != "auto" else "normal" if is_embedded else "signs"
    draws = rng.normal(size=shape) if kind == "normal" else rng.choice([-1.0, 1.0], size=shape)
    return draws[:, columns].astype(np.float32)


def embedded(front, parts, X):
    """Return A[0] (n_batch, n_inputs): the numbers as they are, and their waves; `core.front.front_forward`."""
    if front is None:
        return X
    x = X[:, list(front.embedded), None]  # (n_batch, n_embedded, 1)
    waves = torch.cos(2.0 * torch.pi * x * parts["frequency"] + parts["phase"])  # (n_batch, n_embedded, 16)
    E = torch.einsum("ibh,irh->bir", waves.transpose(0, 1), parts["mix"]) + parts["shift"]  # (n_batch, n_embedded, 3)
    return torch.cat([X, E.flatten(1)], dim=1)


class Dropout:
    """Masks of random bytes, of which one in 1/rate is low: several times as fast as `torch.nn.functional.dropout`."""

    def __init__(self, rate, seed):
        """The rate is rounded to a multiple of 1/256."""
        self.lowest = round(256 * rate)
        self.kept = torch.tensor(256 / (256 - self.lowest))
        self.rng = np.random.Generator(np.random.SFC64(seed))

    def __call__(self, A):
        """Scale each number by 0 or 1/(1 - rate)."""
        words = self.rng.integers(0, 2**64, -(-A.numel() // 8), dtype=np.uint64)
        drawn = torch.from_numpy(words.view(np.uint8)[: A.numel()]).view(A.shape)
        return A * ((drawn >= self.lowest) * self.kept)


@torch.no_grad()
def adam(p, grad, m, v, eta, t, beta2):
    """Take one step of Algorithm 1 of Kingma & Ba, every parameter by its own factor of the rate."""
    m.lerp_(grad, 1.0 - BETA1)
    v.mul_(beta2).addcmul_(grad, grad, value=1.0 - beta2)
    root = (v / (1.0 - beta2**t)).sqrt_().add_(EPSILON)
    p.theta.addcdiv_(m * p.factors, root, value=-eta / (1.0 - BETA1**t))


def logits_of(A):
    """Return what the averaged probabilities are the sigmoid or softmax of, in float64."""
    P = A.double().numpy()
    tiny = np.finfo(np.float32).tiny
    if P.shape[1] == 1:
        return np.log(np.maximum(P, tiny)) - np.log(np.maximum(1.0 - P, tiny))
    return np.log(np.maximum(P, tiny))


def tensor(values):
    return torch.tensor(np.asarray(values), dtype=torch.float32)
