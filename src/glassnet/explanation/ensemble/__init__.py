"""The explanation of an ensemble's prediction."""
