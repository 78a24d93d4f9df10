"""Type aliases that all packages share. Floor 0: imports nothing of the project."""

from typing import Any, TypeAlias

# NumPy's and JAX's arrays share the Array API but no static type; comments give the shapes.
Array: TypeAlias = Any
"""Any array of the Array API standard."""

Spec: TypeAlias = str | tuple[str, dict[str, Any]] | Any
"""A named choice: ``"relu"``, ``("leaky_relu", {"slope": 0.1})`` or the record itself."""
