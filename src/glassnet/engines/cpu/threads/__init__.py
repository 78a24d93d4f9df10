"""How many threads, where they run, how they wait."""
