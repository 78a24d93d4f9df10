"""Who predicts with the same weights: one library a file, each with `one(n_calls)`, `batch()` and `probabilities()`."""

PREDICTORS = {
    "glassnet": "benchmarks.speed.predicting.glassnet_predictor:GlassnetPredictor",
    "scikit-learn": "benchmarks.speed.predicting.scikit_learn:ScikitLearnPredictor",
    "PyTorch": "benchmarks.speed.predicting.pytorch:PyTorchPredictor",
    "onnxruntime": "benchmarks.speed.predicting.onnx_runtime:OnnxPredictor",
}
