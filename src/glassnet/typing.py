"""Names for the types that every floor speaks of. Floor 0: imports nothing of the project."""

from typing import Any, TypeAlias

# NumPy's and JAX's arrays share the Array API but no static type; the shape stands in the comment beside each line.
Array: TypeAlias = Any
"""Any array of the Array API standard; its shape is said where it is used."""

Spec: TypeAlias = str | tuple[str, dict[str, Any]] | Any
"""A named choice: ``"relu"``, ``("leaky_relu", {"slope": 0.1})`` or the record itself."""
