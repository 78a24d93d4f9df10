"""JAX's settings while this engine works; those of the user are untouched before, after, and in other threads."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import jax


@contextmanager
def settings() -> Iterator[None]:
    """Set for this thread what the numbers depend on.

    Both precisions are needed at once: a float32 run computes its norms and bias corrections in float64, as the other
    engines do. Products are exact to the precision of their operands, where accelerators would round these to 10 bits.
    """
    with ExitStack() as stack:
        for setting in (
            jax.enable_x64(True),
            jax.default_matmul_precision("highest"),
            jax.numpy_dtype_promotion("standard"),
            jax.numpy_rank_promotion("allow"),
            jax.debug_nans(False),  # numbers that are not finite are found and named by the engine
            jax.debug_infs(False),
        ):
            stack.enter_context(setting)
        yield
