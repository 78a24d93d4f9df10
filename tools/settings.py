"""`make settings`, or `python -m tools.settings`: write the parameters of docstrings from the table of settings."""

import ast
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

from glassnet.settings.kinds import Optional
from glassnet.settings.setting import Parameter
from glassnet.settings.table import OF_ESTIMATORS, OF_TRAIN

SOURCE = Path(__file__).parents[1] / "src" / "glassnet"
WIDTH = 120
TARGETS: tuple[tuple[Path, str, str, Mapping[str, Parameter]], ...] = (
    (SOURCE / "training" / "train.py", "train", "train", OF_TRAIN),
    (SOURCE / "estimators" / "classifier.py", "GlassClassifier", "__init__", OF_ESTIMATORS),
    (SOURCE / "estimators" / "regressor.py", "GlassRegressor", "__init__", OF_ESTIMATORS),
)
"""File, what has the docstring, the function with the parameters, and their table."""

_SECTION = re.compile(r"(?<=    Parameters\n    ----------\n).*?(?=\n\n    \w+\n    -+\n)", re.DOTALL)


def types_of(parameter: Parameter) -> str:
    """Return what a parameter may be, in the form of a docstring."""
    words, is_optional = parameter.kind.words, isinstance(parameter.kind, Optional)
    each = [words] if words.startswith("{") else words.split(", ")
    if parameter.setting.auto is not None and parameter.default == "auto":
        each.append('"auto"')
    if is_optional and parameter.default is not None:
        each.append("None")
    listed = each[0] if len(each) == 1 else f"{', '.join(each[:-1])} or {each[-1]}"
    return f"{listed}, optional" if is_optional and parameter.default is None else listed


def entry_of(parameter: Parameter) -> str:
    """Return the lines of a parameter in a docstring that is indented by four spaces."""
    whole = re.sub(r"``.*?``", lambda code: code[0].replace(" ", "\0"), parameter.doc)  # code stays on one line
    lines = textwrap.wrap(whole, WIDTH - 8, break_long_words=False, break_on_hyphens=False)
    text = textwrap.indent("\n".join(lines), " " * 8).replace("\0", " ")
    return f"    {parameter.name} : {types_of(parameter)}\n{text}"


def rewritten(text: str, documented: str, function: str, table: Mapping[str, Parameter]) -> str:
    """Return a source file with the parameters of a docstring written anew, in the order of the signature.

    Parameters that are not in the table keep their text.
    """
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    owner = next(node for node in nodes if node.name == documented)
    inside = [node for node in ast.walk(owner) if isinstance(node, ast.FunctionDef)]
    arguments = next(node.args for node in inside if node.name == function)
    names = [each.arg for each in (*arguments.args, *arguments.kwonlyargs) if each.arg != "self"]
    first, last = owner.body[0].lineno - 1, owner.body[0].end_lineno
    lines = text.splitlines(keepends=True)
    docstring = "".join(lines[first:last])
    found = _SECTION.search(docstring)
    assert found is not None
    kept = {}
    for entry in re.split(r"\n(?=    \S)", found[0]):
        for name in entry.partition(" :")[0].split(","):
            kept[name.strip()] = entry
    entries = [entry_of(table[name]) if name in table else kept[name] for name in names]
    section = "\n".join(dict.fromkeys(entries))  # several names may share an entry
    before, after = docstring[: found.start()], docstring[found.end() :]
    return "".join([*lines[:first], before, section, after, *lines[last:]])


def main() -> None:
    """Write the docstrings."""
    for path, documented, function, table in TARGETS:
        path.write_text(rewritten(path.read_text("utf-8"), documented, function, table), "utf-8")


if __name__ == "__main__":
    main()
