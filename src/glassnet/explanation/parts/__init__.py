"""The records of each part of an explanation."""
