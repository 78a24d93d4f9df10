"""How data-parallel training scales: measured on simulated hosts, and predicted by a cost model."""
