"""The compiled engine: a whole run of steps is one call into machine code, on preallocated buffers.

Kernels are plain loops, one family per file; each names the core function it must equal.
"""
