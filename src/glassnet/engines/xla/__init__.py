"""The engine for accelerators: core under `jax.jit`. Nothing here is imported before it is asked for."""
