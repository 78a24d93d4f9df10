"""How to install an extra; it depends on where glassnet was installed from. Floor 0."""

import json
import re
import shlex
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

NAME = "glassnet"


def install_line(extra: str) -> str:
    """Return the command that installs an extra, such as "charts".

    In a clone, ``glassnet[charts]`` would query the package index, so the command names the clone.

    Examples
    --------
    >>> line_from(None, "charts")
    "pip install 'glassnet[charts]'"
    """
    return line_from(_origin(), extra, requires=distribution(NAME).requires or ())


def upgrade_line() -> str:
    """Return the command that upgrades glassnet."""
    return upgrade_from(_origin())


def _origin() -> Mapping[str, Any] | None:
    text = distribution(NAME).read_text("direct_url.json")
    return dict(json.loads(text)) if text else None


def line_from(origin: Mapping[str, Any] | None, extra: str, *, requires: tuple[str, ...] | list[str] = ()) -> str:
    """Return the command for a package with this direct_url.json (PEP 610), None if it came from an index.

    Parameters
    ----------
    origin : mapping or None
    extra : str
    requires : sequence of str
        The package's requirements, listed one by one if its source folder is gone.

    Examples
    --------
    >>> line_from({"url": "https://example.org/glassnet.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}}, "excel")
    "pip install 'glassnet[excel] @ git+https://example.org/glassnet.git@ab12'"
    """
    if origin is None:
        return f"pip install {shlex.quote(f'{NAME}[{extra}]')}"
    if "dir_info" in origin:
        return _from_folder(origin, extra, requires)
    address = str(origin["url"])
    if "vcs_info" in origin:
        version = origin["vcs_info"]
        address = f"{version['vcs']}+{address}@{version['commit_id']}"
    return f"pip install {shlex.quote(f'{NAME}[{extra}] @ {address}')}"


def upgrade_from(origin: Mapping[str, Any] | None) -> str:
    """Return the command that upgrades a package with this direct_url.json.

    >>> upgrade_from(None)
    'pip install --upgrade glassnet'
    >>> upgrade_from({"url": "file:///clones/glassnet", "dir_info": {"editable": True}})
    'git -C /clones/glassnet pull'
    """
    if origin is not None and "dir_info" in origin:
        folder = shlex.quote(str(_folder(origin)))
        pull = f"git -C {folder} pull"
        return pull if origin["dir_info"].get("editable") else f"{pull} && pip install {folder}"
    if origin is not None and "vcs_info" in origin:
        address = f"{origin['vcs_info']['vcs']}+{origin['url']}"
        return f"pip install --upgrade {shlex.quote(f'{NAME} @ {address}')}"
    return f"pip install --upgrade {NAME}"


def _folder(origin: Mapping[str, Any]) -> Path:
    return Path(url2pathname(unquote(urlsplit(str(origin["url"])).path)))


def _from_folder(origin: Mapping[str, Any], extra: str, requires: tuple[str, ...] | list[str]) -> str:
    folder = _folder(origin)
    if not (folder / "pyproject.toml").is_file():
        packages = [needed.split(";")[0].strip() for needed in requires if _is_of(needed, extra)]
        return f"pip install {shlex.join(packages or [NAME])}"
    place = "." if folder == Path.cwd() else str(folder)
    editable = "-e " if origin["dir_info"].get("editable") else ""
    return f"pip install {editable}{shlex.quote(f'{place}[{extra}]')}"


def _is_of(requirement: str, extra: str) -> bool:
    return re.search(rf"""extra\s*==\s*['"]{re.escape(extra)}['"]""", requirement) is not None


def needs(what: str, package: str, extra: str) -> str:
    """Return the message for a missing package.

    >>> needs("charts", "altair", "charts").split("; ")[0]
    'charts need the package altair, which is not installed'
    """
    verb = "need" if what.endswith("s") else "needs"
    return f"{what} {verb} the package {package}, which is not installed; try: {install_line(extra)}"
