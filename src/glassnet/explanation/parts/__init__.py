"""The numbers of each part of the arithmetic, as records."""
