"""The engines, which execute the mathematics. Floor 2; the reference engine defines what is correct."""
