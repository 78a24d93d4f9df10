"""Evaluation of fitted models: scores, baselines and out-of-fold predictions."""
