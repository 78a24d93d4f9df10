"""Who executes the mathematics. Floor 2; the reference engine defines what is correct."""
