"""The sheet of the front: ``A[0]`` from the inputs, and the parameters with their gradients and steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glassnet.core.expressions.dialects.text import written
from glassnet.core.front import N_FREQUENCIES, N_WAVES
from glassnet.core.layout import Slot
from glassnet.explanation.formats.calculations import SCALED, WAVE
from glassnet.explanation.formats.workbook.cells import Cell, Sheet
from glassnet.explanation.formats.workbook.formulas import rule_template
from glassnet.explanation.record import ExplanationRecord

if TYPE_CHECKING:
    from glassnet.core.forward import Trace
    from glassnet.explanation.formats.workbook.layer_cells import Plan
    from glassnet.explanation.parts.front import FrontPart

TOP = 4
SHEET = "Front"
WAVES = f"a = {written(SCALED)}, where u is an input x, or a wave of one: {written(WAVE)}"


@dataclass(frozen=True)
class FrontPlan:
    """The layout of the front's sheet: one row per number of ``A[0]``, below them one per parameter.

    Attributes
    ----------
    values, letters : tuple of str
        The columns of the two tables; "old" is a parameter before the step.
    """

    front: "FrontPart"
    values: tuple[str, ...]
    letters: tuple[str, ...]

    @property
    def first_parameter(self) -> int:
        """The row of the first parameter."""
        return TOP + len(self.front.values) + 4

    def value(self, what: str, j: int = 0) -> Cell:
        """Return a cell of the numbers' table."""
        return Cell(SHEET, TOP + j, 1 + self.values.index(what))

    def parameter(self, letter: str, slot: Slot, k: int) -> Cell:
        """Return a cell of the parameters' table, which is in the order of theta."""
        first = self.front.slots[0].offset
        return Cell(SHEET, self.first_parameter + slot.offset - first + k, 1 + self.letters.index(letter))

    def parameters(self, letter: str, slot: Slot, first: int) -> str:
        """Return the range of `N_FREQUENCIES` adjacent parameters."""
        return self.parameter(letter, slot, first).to(self.parameter(letter, slot, first + N_FREQUENCIES - 1))


def plan_front(explanation: ExplanationRecord) -> FrontPlan | None:
    """Return the layout of the front's sheet; None without a front."""
    front, update = explanation.front, explanation.update
    if front is None:
        return None
    if update is None:
        return FrontPlan(front, ("x", "u", "a"), ("old",))
    memory = tuple(letter for letter in update.memory if letter.endswith("_old"))
    made = tuple(rule.letter for rule in update.rules)
    values = ("x", "u", "a", "delta", "∂E/∂u", "u after", "a after")
    return FrontPlan(front, values, ("old", "g", *memory, *made))


@dataclass(frozen=True)
class FrontWriter:
    """Writes the sheet; `settings` are the cells of learning rate and solver parameters, `onward` is layer 1."""

    sheet: Sheet
    explanation: ExplanationRecord
    plan: FrontPlan
    onward: "Plan"
    settings: Mapping[str, str]
    inputs: Cell
    after: "Trace | None"

    def write(self) -> None:
        """Write everything."""
        front, put = self.plan.front, self.sheet
        put.words(put.at(0, 0), f"Front: {front.kind}", "title")
        put.words(put.at(1, 0), WAVES, "dim")
        put.words(put.at(2, 0), front.in_words(), "dim")
        put.words(put.at(TOP - 1, 0), "number of A[0]", "head")
        for what in self.plan.values:
            put.words(put.at(TOP - 1, self.plan.value(what).column), what, "number head")
        columns = {value.input: k for k, value in enumerate(front.values[: front.n_inputs])}
        for j, value in enumerate(front.values):
            put.words(put.at(TOP + j, 0), value.name)
            put.formula(self.plan.value("x", j), str(self.inputs.moved(rows=columns[value.input])), value.x)
            self._number(j, "", "old", value.u, value.a)
            if self.explanation.update is not None:
                self._blame(j)
                after = self.after.A[0][0, j] if self.after is not None else ""
                self._number(j, " after", "new", "", after if after == "" else float(after))
        self._parameters()
        put.column_width(0, 30)
        put.column_width(1, 13, 1 + max(len(self.plan.values), len(self.plan.letters)))
        put.freeze(TOP, 1)

    def _number(self, j: int, when: str, letter: str, u: float | str, a: float | str) -> None:
        """Write u and a of one number, before the step or after it."""
        plan, slots = self.plan, {slot.name: slot for slot in self.plan.front.slots}
        formula = str(plan.value("x", j))
        if j >= plan.front.n_inputs:
            r = j - plan.front.n_inputs
            shift, mix = (
                plan.parameter(letter, slots["shift"], r),
                plan.parameters(letter, slots["mix"], r * N_FREQUENCIES),
            )
            formula = f"{shift}+SUMPRODUCT({mix},COS({self._angles(letter, r // N_WAVES, j)}))"
        self.sheet.formula(plan.value(f"u{when}", j), formula, u)
        made = str(plan.value(f"u{when}", j))
        if "scale" in slots:
            made = f"{plan.parameter(letter, slots['scale'], j)}*{made}"
        self.sheet.formula(plan.value(f"a{when}", j), made, a)

    def _angles(self, letter: str, e: int, j: int) -> str:
        plan, slots = self.plan, {slot.name: slot for slot in self.plan.front.slots}
        frequency, phase = (plan.parameters(letter, slots[name], e * N_FREQUENCIES) for name in ("frequency", "phase"))
        return f"2*PI()*{frequency}*{plan.value('x', j)}+{phase}"

    def _blame(self, j: int) -> None:
        """Write the error signal of one number, before and after scaling."""
        front, plan = self.plan.front, self.plan
        assert front.delta is not None
        arrived = f"SUMPRODUCT({self.onward.column('old', j)},{self.onward.all('delta')})"
        self.sheet.formula(plan.value("delta", j), arrived, float(front.delta[j]))
        scale = next((slot for slot in front.slots if slot.name == "scale"), None)
        factor = "" if scale is None else f"{plan.parameter('old', scale, j)}*"
        self.sheet.formula(plan.value("∂E/∂u", j), f"{factor}{plan.value('delta', j)}", front.blame(j))

    def _parameters(self) -> None:
        """Write every parameter, its gradient and its step."""
        plan, update, put = self.plan, self.explanation.update, self.sheet
        row = plan.first_parameter
        put.words(put.at(row - 2, 0), "Parameters", "section")
        put.words(put.at(row - 1, 0), "parameter", "head")
        for letter in plan.letters:
            put.words(put.at(row - 1, 1 + plan.letters.index(letter)), letter, "number head")
        for slot, k in self._all():
            place = slot.offset + k
            put.words(put.at(plan.parameter("old", slot, k).row, 0), slot.entry(k))
            put.value(plan.parameter("old", slot, k), float(plan.front.theta[place]))
            if update is None:
                continue
            values, made = update.at_place(place), {rule.letter: rule for rule in update.rules}
            cells = {**self._settings(slot), **{x: str(plan.parameter(x, slot, k)) for x in plan.letters}}
            put.formula(plan.parameter("g", slot, k), self._gradient(slot, k), values["g"])
            for letter in plan.letters[2:]:
                cell = plan.parameter(letter, slot, k)
                if letter in made:
                    formula = rule_template(made[letter]).format_map(cells)
                    put.formula(cell, formula, values[letter])
                else:
                    put.value(cell, values[letter])

    def _all(self) -> Iterator[tuple[Slot, int]]:
        return ((slot, k) for slot in self.plan.front.slots for k in range(slot.size))

    def _gradient(self, slot: Slot, k: int) -> str:
        """Return the chain rule of one parameter as a formula."""
        plan, n = self.plan, self.plan.front.n_inputs
        slots = {each.name: each for each in plan.front.slots}
        if slot.name == "scale":
            return f"{plan.value('delta', k)}*{plan.value('u', k)}"
        if slot.name == "shift":
            return str(plan.value("∂E/∂u", n + k))
        r, h = divmod(k, N_FREQUENCIES)
        e = r // N_WAVES if slot.name == "mix" else r
        first = n + e * N_WAVES
        own = e * N_FREQUENCIES + h
        frequency, phase = (plan.parameter("old", slots[name], own) for name in ("frequency", "phase"))
        angle = f"2*PI()*{frequency}*{plan.value('x', first)}+{phase}"
        if slot.name == "mix":
            return f"{plan.value('∂E/∂u', n + r)}*COS({angle})"
        mixes = (plan.parameter("old", slots["mix"], (e * N_WAVES + w) * N_FREQUENCIES + h) for w in range(N_WAVES))
        arrived = "+".join(f"{plan.value('∂E/∂u', first + w)}*{mix}" for w, mix in enumerate(mixes))
        inner = f"*2*PI()*{plan.value('x', first)}" if slot.name == "frequency" else ""
        return f"-({arrived})*SIN({angle}){inner}"

    def _settings(self, slot: Slot) -> dict[str, str]:
        """Return the settings' cells for a slot, which may have a separate learning rate or be frozen."""
        cells = dict(self.settings)
        factor = 0.0 if slot.frozen else slot.factor
        if factor != 1.0 and "eta" in cells:
            cells["eta"] = f"({cells['eta']}*{factor!r})"
        if "weight_decay" in cells and not slot.decays:
            cells["weight_decay"] = "0"
        return cells
