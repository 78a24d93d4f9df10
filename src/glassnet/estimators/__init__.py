"""`GlassClassifier`, `GlassRegressor` and their model files: the networks behind scikit-learn's contract. Floor 4."""
