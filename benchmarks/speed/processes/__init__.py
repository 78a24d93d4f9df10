"""One process a contender."""
