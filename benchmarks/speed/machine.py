"""The machine in words: what a reader needs to judge the numbers, and nothing that names its owner."""

import platform
import re
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.speed.options import usable_cores

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")


def describe() -> dict[str, Any]:
    """Return processor, cores, caches, memory and system."""
    return {
        "cpu": cpu_model(),
        "cores": usable_cores(),
        "caches": caches(),
        "memory_gib": memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def cpu_model() -> str:
    """Return the processor's name, with family and model number where the name alone says little."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        fields = dict(re.findall(r"^([\w ]+?)\s*: (.*)$", info.read_text(), flags=re.MULTILINE))
        if "model name" in fields:
            numbers = f"family {fields['cpu family']} model {fields['model']}" if "cpu family" in fields else ""
            return f"{fields['model name'].strip()} ({numbers})" if numbers else fields["model name"].strip()
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return platform.processor() or platform.machine()


def caches() -> dict[str, str]:
    """Return the caches of the first core, ``{"L1d": "32K", ...}``; empty where the system hides them."""
    found = {}
    for index in sorted(CACHES.glob("index*")):
        level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        found[f"L{level}" + {"Data": "d", "Instruction": "i"}.get(kind, "")] = size
    return found


def memory_gib() -> float | None:
    """Return the main memory; None where the system does not tell."""
    info = Path("/proc/meminfo")
    if not info.exists():
        return None
    return round(int(re.search(r"MemTotal:\s+(\d+) kB", info.read_text())[1]) / 2**20, 1)


def slug(cpu: str) -> str:
    """Return a processor's name for a file name.

    >>> slug("AMD EPYC 9R14 (family 25 model 17)")
    'amd-epyc-9r14'
    """
    return re.sub(r"[^a-z0-9]+", "-", cpu.split("(family")[0].lower()).strip("-")
