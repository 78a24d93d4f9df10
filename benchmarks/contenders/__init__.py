"""One contender a file. Each is imported in its own process only, so that a library that is missing harms no other."""

CONTENDERS = {
    "glassnet": "benchmarks.contenders.glassnet_cpu:Glassnet",
    "scikit-learn": "benchmarks.contenders.scikit_learn:ScikitLearn",
    "PyTorch": "benchmarks.contenders.pytorch:PyTorch",
    "torch.compile": "benchmarks.contenders.pytorch_compiled:PyTorchCompiled",
    "JAX scan": "benchmarks.contenders.jax_scan:JaxScan",
    "JAX loop": "benchmarks.contenders.jax_loop:JaxLoop",
    "Keras": "benchmarks.contenders.keras_on_jax:KerasOnJax",
    "thinc": "benchmarks.contenders.thinc_layers:Thinc",
    "FANN": "benchmarks.contenders.fann:Fann",
}
