"""Twelve real tables, some of them rewritten in another notation: the values are real, the way of writing is told.

They are files of the package vega_datasets, and examples/penguins.csv.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

_VEGA = Path(find_spec("vega_datasets").submodule_search_locations[0]) / "_data"
_PENGUINS = Path(__file__).parents[2] / "examples" / "penguins.csv"


@dataclass(frozen=True)
class RealTable:
    """A table as it is written, its target, how its columns are to be understood, and which are left out."""

    make: Callable[[], pd.DataFrame]
    target: str
    is_classes: bool
    notations: dict[str, str]
    left_out: dict[str, str]
    doubtful: tuple[str, ...] = ()


def _csv(name, **options):
    return pd.read_csv(_VEGA / name, **options)


def _json(name):
    return pd.DataFrame(json.loads((_VEGA / name).read_text(encoding="utf-8")))


def _german(values, decimals=2):
    """1234.5 as 1.234,50."""
    return [f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,")) for value in values]


def _weather():
    """Original: dates as 2012/01/01."""
    return _csv("seattle-weather.csv").iloc[::4]


def _stocks():
    """Original: dates as Jan 1 2000. Rewritten: prices as $39.81 and, from a thousand on, $1,039.81."""
    return _csv("stocks.csv").assign(price=lambda frame: [f"${value:,.2f}" for value in frame["price"]])


def _airports():
    """Original: ids (00M, 00R, ...) and a constant; longitudes are the target."""
    frame = _csv("airports.csv", keep_default_na=False)
    return frame[frame["country"] == "USA"].iloc[:400].drop(columns="name")


def _employment():
    """Original: months as 2006-01-01, running. Rewritten: thousands of people as 135.450,00."""
    frame = _csv("us-employment.csv")
    numbers = frame.columns[1:-1]
    return frame.assign(**{name: _german(frame[name]) for name in numbers})


def _electricity():
    """Original: years as dates. Rewritten: generation as 35 361 with a narrow space, as in French."""
    frame = _csv("iowa-electricity.csv")
    return frame.assign(net_generation=[f"{value:,}".replace(",", "\u202f") for value in frame["net_generation"]])


def _wheat():
    """Original: the years run, every fifth, as text. Rewritten: prices as 41,5."""
    frame = _json("wheat.json").dropna()
    return frame.assign(wheat=[f"{value:.1f}".replace(".", ",") for value in frame["wheat"]])


def _cars():
    """Original: names that come again, missing values, years as dates. Rewritten: weights as 3,504 and 985."""
    frame = _json("cars.json")
    light = frame["Weight_in_lbs"] // 2
    return frame.assign(Weight_in_lbs=[f"{value:,}" for value in light])


def _prices():
    """Rewritten: dates as 01.06.2009, returns as -4.89 %."""
    frame = _json("ohlc.json")
    days = pd.to_datetime(frame["date"]).dt.strftime("%d.%m.%Y")
    return frame.assign(date=days, ret=[f"{value:.2f} %" for value in frame["ret"]])


def _riots():
    """Original: names, addresses and dates of the people who died, gaps in the age."""
    return _csv("la-riots.csv").dropna(subset=["gender"])


def _crimea():
    """Rewritten: dates as 4/1/1854, of which none tells the day from the month; losses as (110)."""
    frame = _json("crimea.json")
    dates = pd.to_datetime(frame["date"])
    written = [f"{date.month}/{date.day}/{date.year}" for date in dates]
    return frame.assign(date=written, other=[f"({value:,})" for value in frame["other"]])


def _driving():
    """Original: the years run. Rewritten: miles as 3,675, which could be decimals too, and prices as 2,38 €."""
    frame = _json("driving.json")
    prices = [f"{value:.2f} €".replace(".", ",") for value in frame["gas"]]
    return frame.assign(miles=[f"{value:,}" for value in frame["miles"]], gas=prices)


TABLES = {
    "penguins": RealTable(lambda: pd.read_csv(_PENGUINS), "species", True, {"year": "1234.56"}, {}),
    "seattle-weather": RealTable(_weather, "weather", True, {"date": "2020/12/31"}, {}),
    "stocks": RealTable(_stocks, "price", False, {"date": "Dec 31 2020"}, {}),
    "airports": RealTable(
        _airports, "longitude", False, {"latitude": "1234.56"}, {"iata": "id", "country": "constant"}
    ),
    "us-employment": RealTable(
        _employment, "nonfarm_change", False, {"month": "2020-12-31", "nonfarm": "1.234,56"}, {}
    ),
    "iowa-electricity": RealTable(_electricity, "source", True, {"net_generation": "1 234,56"}, {}),
    "wheat": RealTable(_wheat, "wages", False, {"year": "1234.56", "wheat": "1.234,56"}, {}),
    "cars": RealTable(_cars, "Origin", True, {"Weight_in_lbs": "1,234.56", "Year": "2020-12-31"}, {}),
    "ohlc": RealTable(_prices, "signal", True, {"date": "31.12.2020", "ret": "1234.56 [%]"}, {}),
    "la-riots": RealTable(_riots, "gender", True, {"death_date": "2020-12-31"}, {"first_name": "id"}),
    "crimea": RealTable(_crimea, "disease", False, {"date": "12/31/2020", "other": "1234.56"}, {}, doubtful=("date",)),
    "driving": RealTable(_driving, "gas", False, {"year": "1234.56", "miles": "1,234.56"}, {}, doubtful=("miles",)),
}
