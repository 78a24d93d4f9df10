"""How kernels are compiled, once for an installation, and where their machine code is kept."""
