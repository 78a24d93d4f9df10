"""Text files that are no proper tables, and words that are hardly values."""

import json
import random
from collections.abc import Callable

NUMBERS = ("1234.56", "1,234.56", "1.234,56", "1 234,56", "1'234.50", "$1,000.50", "-$5", "$-5", "(1,000)", "12%",
           "7,5 %", "€ 3,20", "1.234,00 EUR", "US$ 12", "1e5", "-.5", "5.", "+7", "0,5", "12,34,567")  # fmt: skip
DATES = ("2020-12-31", "2020-12-31T23:59:59.999999Z", "2020-12-31 10:00+05:30", "31.12.2020", "12/31/2020",
         "31/12/2020", "01/02/2020", "1/2/20", "31 Dec 2020", "Dec 31, 2020", "2020-05", "2009-10", "12:30",
         "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0000-01-01", "10000-01-01")  # fmt: skip
ODD = ("", " ", "NA", "-", "?", "nan", "inf", "-Infinity", "1e400", "1" * 401, "9" * 5000, "9007199254740993",
       "18446744073709551617", "1_000", "٣", "１２", "true", "FALSE", "yes", "None", "\x00", "\x1b[31m", "\u202eabc",
       "\ufffe", "\ue000", "\ud800", "a\nb", "a\r\nb", '"', "'", '""', "=1+1", "x" * 200_000, "1,234", "$", "%",
       "()", "(", "-", "--5", "5-", "1.2.3", "1,2,3", "1..2", "€", "e5", "0x10", "1e", "١٫٥", "½", "\u00a05",
       "\u22125", "\u2028", "👍", "the room was clean and the staff were very kind")  # fmt: skip
HEADS = ("a", "b", "", " ", "a", "x0", "id", "\x1b[0m", "\u202e", "a\nb", "é", "1", "0", "y" * 300, "None", "a,b",
         "name " * 30)  # fmt: skip


def word(draw: random.Random) -> str:
    """Return any word."""
    kind = draw.random()
    if kind < 0.3:
        return draw.choice(NUMBERS)
    if kind < 0.5:
        return draw.choice(DATES)
    if kind < 0.8:
        return draw.choice(ODD)
    return "".join(draw.choice("0123456789.,-$%()/: eE+'abT") for _ in range(draw.randrange(12)))


def words(draw: random.Random, n: int) -> list[str]:
    """Return a column: often of one notation, with an odd word here and there."""
    kind = draw.random()
    if kind < 0.1:
        return [word(draw) for _ in range(n)]
    if kind < 0.5:
        pattern = draw.choice(NUMBERS)
        column = ["".join(draw.choice("0123456789") if letter.isdecimal() else letter for letter in pattern)
                  for _ in range(n)]  # fmt: skip
    elif kind < 0.7:
        pattern = draw.choice(DATES)
        column = ["".join(draw.choice("0123") if letter.isdecimal() and draw.random() < 0.3 else letter
                          for letter in pattern) for _ in range(n)]  # fmt: skip
    elif kind < 0.85:
        column = [draw.choice(("a", "b", "01", "1", "true", "12%")) for _ in range(n)]
    else:
        column = [f"{draw.choice(('K', '', 'week '))}{k}" for k in range(n)]
    for k in range(n):
        if draw.random() < 0.01:
            column[k] = word(draw)
    return column


def _random_bytes(draw: random.Random, ending: str) -> bytes:
    return draw.randbytes(draw.choice([0, 1, 5, 100, 4000]))


def _few_letters(draw: random.Random, ending: str) -> bytes:
    return "".join(draw.choice("a1,;\t|\"\n\r '.-") for _ in range(draw.randrange(300))).encode()


def _table(draw: random.Random, ending: str) -> bytes:
    n, width = draw.choice([0, 1, 2, 5, 12, 12, 40, 40]), draw.choice([1, 2, 3, 6])
    heads = [draw.choice(HEADS) + str(k) * draw.randrange(2) for k in range(width)]
    columns = [words(draw, n) for _ in range(width)]
    if "json" in ending:
        return _json(draw, heads, columns, ending)
    mark = draw.choice([",", ",", ";", "\t", "|"])
    lines = [mark.join(_quoted(draw, cell, mark) for cell in heads)]
    lines += [mark.join(_quoted(draw, column[i], mark) for column in columns) for i in range(n)]
    for _ in range(draw.choice([0] * 9 + [1, 3])):  # ragged rows
        lines.insert(draw.randrange(len(lines) + 1), mark.join(word(draw) for _ in range(draw.randrange(width + 2))))
    text = draw.choice(["\n"] * 6 + ["\r\n", "\r"]).join(lines) + draw.choice(["", "\n", "\n\n\n"])
    return _mutated(draw, _in_bytes(draw, text))


def _quoted(draw: random.Random, cell: str, mark: str) -> str:
    if any(letter in cell for letter in (mark, '"', "\n", "\r")) and draw.random() < 0.99:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _in_bytes(draw: random.Random, text: str) -> bytes:
    encoding = draw.choice(["utf-8"] * 12 + ["utf-8-sig", "utf-16", "utf-16-le", "cp1252", "utf-32"])
    return text.encode(encoding, errors=draw.choice(["replace", "surrogatepass"]) if "utf" in encoding else "replace")


def _mutated(draw: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice([0] * 9 + [1, 5])):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed[: draw.randrange(len(changed) + 1)] if draw.random() < 0.02 else changed)


def _json(draw: random.Random, heads: list[str], columns: list[list[str]], ending: str) -> bytes:
    values = (None, 1, 1.5, True, [1], {"a": 1}, 10**400, 2**63, "x", [], {})
    records = [
        {head: column[i] if draw.random() < 0.97 else draw.choice(values) for head, column in zip(heads, columns)}
        for i in range(len(columns[0]))
    ]
    if ending == ".ndjson":
        return _mutated(draw, "\n".join(map(json.dumps, records)).encode())
    whole: object = draw.choice([records] * 9 + [{"data": records}, 5, "x", [1, 2], None])
    return _mutated(draw, json.dumps(whole).encode())


TEXTS: tuple[Callable[[random.Random, str], bytes], ...] = (_random_bytes, _few_letters, *[_table] * 8)
