"""How all kernels are compiled."""

from typing import Any

# They let loops over floats vectorize and, unlike fastmath=True, keep NaN and infinity, by which divergence is seen.
SAFE_FLAGS = {"reassoc", "contract", "nsz"}

OPTIONS: dict[str, Any] = {"cache": True, "fastmath": SAFE_FLAGS, "error_model": "numpy", "nogil": True}
