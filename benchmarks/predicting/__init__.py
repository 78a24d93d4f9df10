"""Who predicts with the same weights: one library a file, each with `one(n_calls)`, `batch()` and `probabilities()`."""

PREDICTORS = {
    "glassnet": "benchmarks.predicting.glassnet_predictor:GlassnetPredictor",
    "scikit-learn": "benchmarks.predicting.scikit_learn:ScikitLearnPredictor",
    "PyTorch": "benchmarks.predicting.pytorch:PyTorchPredictor",
    "onnxruntime": "benchmarks.predicting.onnx_runtime:OnnxPredictor",
}
