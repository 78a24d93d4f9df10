"""From rows to outputs."""
