"""Search over settings: `glassnet.sweep` and what it returns."""
