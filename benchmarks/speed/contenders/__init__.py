"""One contender a file. Each is imported in its own process only, so that a library that is missing harms no other."""

CONTENDERS = {
    "glassnet": "benchmarks.speed.contenders.glassnet_cpu:Glassnet",
    "scikit-learn": "benchmarks.speed.contenders.scikit_learn:ScikitLearn",
    "PyTorch": "benchmarks.speed.contenders.pytorch:PyTorch",
    "torch.compile": "benchmarks.speed.contenders.pytorch_compiled:PyTorchCompiled",
    "JAX scan": "benchmarks.speed.contenders.jax_scan:JaxScan",
    "JAX loop": "benchmarks.speed.contenders.jax_loop:JaxLoop",
    "Keras": "benchmarks.speed.contenders.keras_on_jax:KerasOnJax",
    "thinc": "benchmarks.speed.contenders.thinc_layers:Thinc",
    "FANN": "benchmarks.speed.contenders.fann:Fann",
}

FIXED_THREADS = {
    "glassnet, 1 thread": "benchmarks.speed.contenders.glassnet_cpu:OneThread",
    "glassnet, all threads": "benchmarks.speed.contenders.glassnet_cpu:AllThreads",
}
"""What glassnet's own choice of threads is compared with."""

WATCHED = {"glassnet, watched": "benchmarks.speed.contenders.glassnet_cpu:Watched"}
"""What a display of the training costs."""

ON_REQUEST = {"glassnet, xla": "benchmarks.speed.contenders.glassnet_xla:GlassnetXla"}
"""Who takes part only if named: `--contenders "glassnet, xla" "JAX scan"`."""
