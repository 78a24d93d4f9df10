"""How numbers, formulas and lines are written."""
