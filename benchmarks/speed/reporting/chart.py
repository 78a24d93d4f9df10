"""The chart: time per step of every contender on every case, as SVG."""

from pathlib import Path
from typing import Any

import altair as alt

from benchmarks.speed.reporting.summary import OURS, STEP_SUITES, Row, number, steps_rows

COLUMNS = 4


def chart_of(document: dict[str, Any]) -> alt.Chart:
    """Return horizontal bars, one panel per case, each with its own logarithmic scale."""
    results = document["results"]
    rows = steps_rows([entry for suite in STEP_SUITES for entry in results.get(suite, [])])
    panels = [panel(row) for row in rows]
    machine = document["machine"]
    title = alt.Title(
        "Microseconds per training step, less is better",
        subtitle=f"{machine['cpu']}, {machine['cores']} cores, {document['date']}; logarithmic scales",
    )
    return alt.concat(*panels, columns=COLUMNS, title=title).configure_view(stroke=None)


def panel(row: Row) -> alt.LayerChart:
    """Return the bars of one case, the fastest on top."""
    numbers = row.peers | ({OURS: row.ours} if row.ours is not None else {})
    values = [{"who": who, "value": value, "label": number(value)} for who, value in numbers.items()]
    low = min(numbers.values(), default=1.0) / 2
    for value in values:
        value["low"] = low
    base = alt.Chart(alt.Data(values=values), title=alt.Title(row.name, subtitle=row.detail)).encode(
        y=alt.Y("who:N", sort=alt.SortField("value"), title=None)
    )
    scale = alt.Scale(type="log", domainMin=low, nice=False)  # bars begin at the axis
    bars = base.mark_bar().encode(
        x=alt.X("low:Q", scale=scale, title=None, axis=alt.Axis(labels=False, ticks=False, grid=False)),
        x2="value:Q",
        color=alt.condition(alt.datum.who == OURS, alt.value("#0b6e99"), alt.value("#b8c4cc")),
    )
    labels = base.mark_text(align="left", dx=3).encode(x="value:Q", text="label:N")
    return (bars + labels).properties(width=190, height=alt.Step(17))


def save_chart(document: dict[str, Any], path: Path) -> None:
    """Write the chart."""
    chart_of(document).save(path)
