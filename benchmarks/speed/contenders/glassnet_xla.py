"""glassnet's engine for accelerators, through the public door: on cores, what JAX makes of them."""

from typing import Any

import jax  # noqa: F401  (says that it is missing before the first run)

from benchmarks.speed.contenders.glassnet_cpu import Glassnet


class GlassnetXla(Glassnet):
    """`gn.train(..., engine="xla")`, history and all."""

    engine = "xla"

    @classmethod
    def variants(cls, cores: int) -> list[dict[str, Any]]:
        """Threads of JAX's products, which it chooses at its start."""
        return [{"threads": threads} for threads in sorted({1, cores})]

    def __init__(self, task: Any, threads: int) -> None:
        super().__init__(task)
