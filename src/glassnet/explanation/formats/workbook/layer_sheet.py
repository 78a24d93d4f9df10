"""The sheet of one layer: neurons with z, a and delta, and weights with gradients, step and results."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glassnet.core.catalog.activations import SOFTMAX_PULLBACK
from glassnet.core.catalog.losses import COMBINED_DELTA
from glassnet.core.catalog.optimizers import Rule
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.tree import Letter, replaced
from glassnet.core.slope import DE_DA, DF_DZ, SLOPE_BACKWARD, SLOPE_FORMULA, SLOPE_GRADIENT, SOFTMAX_SLOPE_BACKWARD
from glassnet.explanation.formats.workbook.cells import Cell, Sheet, letters, numbers
from glassnet.explanation.formats.workbook.formulas import (
    activation_cell,
    cell,
    cost_derivative_cell,
    derivative_cell,
    fields,
    loss_cell,
    rule_template,
    shifted_exp_cell,
)
from glassnet.explanation.formats.workbook.layer_cells import TOP, Plan
from glassnet.explanation.record import ExplanationRecord
from glassnet.explanation.words.formulas import activation_formula, of_f

if TYPE_CHECKING:
    from glassnet.core.forward import Trace


@dataclass(frozen=True)
class Writer:
    """Writes the sheet of one layer.

    `settings` are the cells of learning rate and solver parameters; `sources` are the first cells of ``A[0]``, before
    and after the step.
    """

    sheet: Sheet
    explanation: ExplanationRecord
    plans: Mapping[int, Plan]
    settings: Mapping[str, str]
    sources: tuple[Cell, Cell]
    after: "Trace | None"
    l: int

    @property
    def plan(self) -> Plan:
        """The layout of this layer's sheet."""
        return self.plans[self.l]

    def write(self) -> None:
        """Write everything."""
        layer, plan = self.explanation.forward[self.l], self.plan
        words = f"Layer {self.l}: {len(layer)} neurons, {layer.activation.name}"
        self.sheet.words(self.sheet.at(0, 0), words, "title")
        sigma = layer.activation
        formula = activation_formula(sigma)
        words = f"a = {written(formula)}"
        if layer.slope is not None:
            words = f"f = {written(of_f(formula, sigma))}, a = {written(SLOPE_FORMULA)}"
        self.sheet.words(self.sheet.at(1, 0), words, "dim")
        self.sheet.words(self.sheet.at(TOP - 1, 0), "neuron", "head")
        for head, column in plan.columns.items():
            self.sheet.words(self.sheet.at(TOP - 1, column), head, "number head")
        for j, name in enumerate(layer.names):
            self.sheet.words(self.sheet.at(TOP + j, 0), name)
        self._forward("", "old", "b", "slope")
        if self.explanation.update is not None:
            self._backward()
            self._steps("b", "delta")
            self._steps("slope", "∂E/∂slope")
            self._forward(" after", "new", "b: new", "slope: new")
        self._blocks()
        self.sheet.column_width(0, 26)
        self.sheet.column_width(1, 13, max(plan.n_in, len(plan.columns)))
        self.sheet.freeze(TOP, 1)

    def _forward(self, when: str, weights: str, bias: str, slope: str) -> None:
        """Write z, a and the outputs' losses, before the step or after it."""
        layer, plan, put = self.explanation.forward[self.l], self.plan, self.sheet.formula
        trace = self.after if when else None
        Z, A = (layer.z, layer.a) if trace is None else (trace.Z[self.l][0], trace.A[self.l][0])
        exps = f"exp(z - max z){when}"
        for j in range(len(layer)):
            z = plan.neuron(f"z{when}", j)
            cells = {"z": str(z), "a": str(plan.neuron(f"a{when}", j))}
            total = f"SUMPRODUCT({plan.row(weights, j)},{plan.all_incoming(weights)})"
            if layer.b is not None:
                total += f"+{plan.neuron(bias, j)}"
                if not when:
                    self.sheet.value(plan.neuron("b", j), float(layer.b[j]))
            put(z, total, float(Z[j]))
            if exps in plan.columns:
                cells |= {"e": str(plan.neuron(exps, j)), "e_k": plan.all(exps), "z_k": plan.all(f"z{when}")}
                put(plan.neuron(exps, j), shifted_exp_cell(cells), "")
            bent = activation_cell(layer.activation, cells)
            if layer.slope is not None:
                f, s = plan.neuron(f"f{when}", j), plan.neuron(slope, j)
                put(f, bent, float(layer.f[j]) if trace is None else float(trace.F[self.l][0, j]))
                bent = cell(SLOPE_FORMULA, {"slope": str(s), "f": str(f), "z": str(z)})
                if not when:
                    self.sheet.value(s, float(layer.slope[j]))
            put(plan.neuron(f"a{when}", j), bent, float(A[j]))
            if "t" in plan.columns:
                self._loss(f"loss{when}", j, cells)

    def _loss(self, column: str, j: int, cells: dict[str, str]) -> None:
        part, plan = self.explanation.cost, self.plan
        assert part is not None
        sigma = self.explanation.network.activation[self.l]
        if column == "loss":
            self.sheet.value(plan.neuron("t", j), part.outputs[j].target)
        formula = loss_cell(sigma, part.cost, {**cells, "t": str(plan.neuron("t", j))})
        self.sheet.formula(plan.neuron(column, j), formula, part.outputs[j].loss if column == "loss" else "")

    def _backward(self) -> None:
        """Write ∂E/∂a, ∂a/∂z and delta of every neuron."""
        assert self.explanation.backward is not None
        layer, plan, put = self.explanation.backward[self.l], self.plan, self.sheet.formula
        for j in range(len(layer)):
            cells = {what: str(plan.neuron(what, j)) for what in ("z", "a", "t") if what in plan.columns}
            delta = plan.neuron("delta", j)
            if layer.is_combined:
                put(delta, cell(COMBINED_DELTA, {"o": cells["a"], "t": cells["t"]}), float(layer.delta[j]))
                continue
            arrived = plan.neuron("∂E/∂a", j)
            put(arrived, self._arrived(j, cells), float(layer.dE_da[j]) if layer.dE_da is not None else "")
            if layer.slope is not None:
                self._through_slope(j, cells)
            elif layer.da_dz is None:  # softmax: every value depends on every z
                ranges = {"d": str(arrived), "d_k": plan.all("∂E/∂a"), "a_k": plan.all("a")}
                put(delta, cell(SOFTMAX_PULLBACK, {**cells, **ranges}), float(layer.delta[j]))
            else:
                slope = plan.neuron("∂a/∂z", j)
                put(slope, derivative_cell(layer.activation, cells), float(layer.da_dz[j]))
                put(delta, f"{arrived}*{slope}", float(layer.delta[j]))

    def _through_slope(self, j: int, cells: dict[str, str]) -> None:
        """Write delta of a neuron with a learned slope, and the gradient of that."""
        assert self.explanation.backward is not None
        layer, plan, put = self.explanation.backward[self.l], self.plan, self.sheet.formula
        z, f, s, arrived, delta = (plan.neuron(what, j) for what in ("z", "f", "slope", "∂E/∂a", "delta"))
        if layer.df_dz is None or layer.da_dz is None:  # softmax
            put(delta, cell(SOFTMAX_SLOPE_BACKWARD, {
                "f": str(f), "slope": str(s), "d": str(arrived), "d_k": plan.all("∂E/∂a"),
                "slope_k": plan.all("slope"), "f_k": plan.all("f"),
            }), float(layer.delta[j]))  # fmt: skip
        else:
            bends, slope = plan.neuron("∂f/∂z", j), plan.neuron("∂a/∂z", j)
            put(bends, derivative_cell(layer.activation, {**cells, "a": str(f)}), float(layer.df_dz[j]))
            da_dz = replaced(SLOPE_BACKWARD, DF_DZ, Letter("d"))
            put(slope, cell(da_dz, {"slope": str(s), "d": str(bends)}), float(layer.da_dz[j]))
            put(delta, f"{arrived}*{slope}", float(layer.delta[j]))
        gradient = "" if layer.dslope is None else float(layer.dslope[j])
        formula = cell(replaced(SLOPE_GRADIENT, DE_DA, Letter("d")), {"d": str(arrived), "f": str(f), "z": str(z)})
        put(plan.neuron("∂E/∂slope", j), formula, gradient)

    def _arrived(self, j: int, cells: Mapping[str, str]) -> str:
        if "t" in self.plan.columns:
            assert self.explanation.cost is not None
            return cost_derivative_cell(self.explanation.cost.cost, cells)
        above = self.plans[self.l + 1]
        return f"SUMPRODUCT({above.column('old', j)},{above.all('delta')})"

    def _steps(self, name: str, gradient: str) -> None:
        """Write the step of every bias, or of every slope; `gradient` is the column of its gradients."""
        update, plan = self.explanation.update, self.plan
        assert update is not None
        slot = self.explanation.network.layout.slot(self.l, name)
        if slot is None:
            return
        own = {head: head.removeprefix(f"{name}: ") for head in plan.columns if head.startswith(f"{name}: ")}
        for j in range(plan.n_out):
            values = update.at_place(slot.offset + j)
            made = {rule.letter: rule for rule in update.rules}
            cells = {**self._settings(name), "old": str(plan.neuron(name, j)), "g": str(plan.neuron(gradient, j))}
            cells |= {letter: str(plan.neuron(head, j)) for head, letter in own.items()}
            for head, letter in own.items():
                if letter in made:
                    formula = rule_template(made[letter]).format_map(cells)
                    self.sheet.formula(plan.neuron(head, j), formula, values[letter])
                else:
                    self.sheet.value(plan.neuron(head, j), values[letter])

    def _blocks(self) -> None:
        """Write the matrices: the weights, their gradients, the solver's memory and the new weights."""
        layer, plan, update = self.explanation.forward[self.l], self.plan, self.explanation.update
        made = {} if update is None else {rule.letter: rule for rule in update.rules}
        for letter, first in plan.blocks.items():
            self._block_head(letter, first)
            for j, name in enumerate(layer.names):
                self.sheet.words(self.sheet.at(first + j, 0), name)
            if letter == "old":
                self._constants(letter, numbers(layer.W))
            elif update is not None and self.explanation.backward is not None:
                values = numbers(update.of_layer(letter, self.l, "W"))
                if letter == "g":
                    self._gradients(numbers(self.explanation.backward[self.l].dW))
                elif letter in made:
                    self._made(made[letter], values)
                else:
                    self._constants(letter, values)

    def _constants(self, letter: str, values: list[float]) -> None:
        plan = self.plan
        for j in range(plan.n_out):
            for k in range(plan.n_in):
                self.sheet.value(plan.weight(letter, j, k), values[j * plan.n_in + k])

    def _gradients(self, values: list[float]) -> None:
        """Write delta times incoming a, with addresses relative to the sheet to keep the file small."""
        plan = self.plan
        delta, above = letters(plan.columns["delta"]), plan.blocks["old"]
        sources = [f"{letters(1 + k)}${above}" for k in range(plan.n_in)]
        for j in range(plan.n_out):
            for k, source in enumerate(sources):
                formula = f"${delta}{1 + plan.neuron('delta', j).row}*{source}"
                self.sheet.formula(plan.weight("g", j, k), formula, values[j * plan.n_in + k])

    def _made(self, rule: Rule, values: list[float]) -> None:
        """Write one rule of the solver for every weight."""
        plan, cells = self.plan, self._settings("W")
        letter, template = rule.letter, rule_template(rule)
        own = [name for name in fields(rule) if name in plan.blocks]
        columns = [letters(1 + k) for k in range(plan.n_in)]
        for j in range(plan.n_out):
            for k, column in enumerate(columns):
                cells |= {name: f"{column}{plan.blocks[name] + j + 1}" for name in own}
                self.sheet.formula(plan.weight(letter, j, k), template.format_map(cells), values[j * plan.n_in + k])

    def _block_head(self, letter: str, first: int) -> None:
        """Write the title of a matrix, the names of its sources, and for weights the incoming values."""
        layer, plan = self.explanation.forward[self.l], self.plan
        self.sheet.words(self.sheet.at(first - 3, 0), TITLES.get(letter, letter), "section")
        for k, name in enumerate(layer.sources):
            self.sheet.words(self.sheet.at(first - 2, 1 + k), name, "number head")
        if letter not in ("old", "new"):
            return
        self.sheet.words(self.sheet.at(first - 1, 0), "incoming a" + (" after" if letter == "new" else ""), "dim")
        for k in range(plan.n_in):
            if self.l == 1:
                source = self.sources[letter == "new"].moved(rows=k)
            else:
                source = self.plans[self.l - 1].neuron("a after" if letter == "new" else "a", k)
            value = float(layer.a_in[k] if letter == "old" or self.after is None else self.after.A[self.l - 1][0, k])
            self.sheet.formula(plan.incoming(letter, k), str(source), value)

    def _settings(self, name: str) -> dict[str, str]:
        """Return the settings' cells for a slot, which may have another learning rate or be frozen."""
        slot = self.explanation.network.layout.slot(self.l, name)
        factor = 0.0 if slot is None or slot.frozen else slot.factor
        cells = dict(self.settings)
        if factor != 1.0 and "eta" in cells:
            cells["eta"] = f"({cells['eta']}*{factor!r})"
        if name != "W" and "weight_decay" in cells:
            cells["weight_decay"] = "0"
        return cells


TITLES = {
    "old": "Weights: into the row's neuron, from the column's",
    "g": "Gradients: delta times incoming a",
    "new": "New weights",
    "m": "m, the average gradient",
    "m_old": "m before the step",
    "v": "v, the average squared gradient",
    "v_old": "v before the step",
    "m_hat": "m corrected for its start",
    "v_hat": "v corrected for its start",
    "u": "u, the velocity",
    "u_old": "u before the step",
    "s": "s, the squared gradients",
    "s_old": "s before the step",
    "size": "Sizes of the steps",
    "size_old": "Sizes before the step",
    "g_old": "Gradients of the step before",
    "turn": "Factors of the sizes",
}
