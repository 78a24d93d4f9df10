"""Draw the pictures of docs/worked-examples.md, into docs/pictures/.

The page's blocks are one Python session. It is run here, and where the page shows pictures/NAME.svg, what `picture` is
at that place becomes that file. So each picture is what the page says it is.

Run it with: python docs/draw_pictures.py
"""

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from doctest import DocTestParser
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("worked-examples.md")
PART = re.compile(
    r"^```pycon\n(?P<session>.*?)^```$|^!\[[^\]]*\]\((?P<picture>pictures/[^)]+)\)$", re.MULTILINE | re.DOTALL
)


def pictures(page: str) -> Iterator[tuple[str, Any]]:
    """Yield the name and the picture at each place where the page shows one."""
    namespace: dict[str, Any] = {}
    for part in PART.finditer(page):
        if part["picture"]:
            yield part["picture"], namespace["picture"]
            continue
        for example in DocTestParser().get_examples(part["session"]):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(example.source, PAGE.name, "single"), namespace)


def main() -> None:
    """Write all pictures."""
    (PAGE.parent / "pictures").mkdir(exist_ok=True)
    for name, picture in pictures(PAGE.read_text(encoding="utf-8")):
        picture.save(PAGE.parent / name)
        sys.stdout.write(f"{name}: {picture.title}\n")


if __name__ == "__main__":
    main()
