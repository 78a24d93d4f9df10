"""The compiled engine: a whole run of steps is one call into machine code, on preallocated buffers.

Kernels are plain loops, one family a file; each names the core function that it must equal.
"""
