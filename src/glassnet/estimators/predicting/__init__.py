"""Predictions of fitted networks."""
