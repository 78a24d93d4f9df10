"""Worked arithmetic: every number of one row's forward pass, cost, backward pass and update. Floor 5, never trains."""
