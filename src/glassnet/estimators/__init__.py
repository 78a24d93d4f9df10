"""`GlassClassifier`, `GlassRegressor` and their model files, with scikit-learn's API. Floor 4."""
