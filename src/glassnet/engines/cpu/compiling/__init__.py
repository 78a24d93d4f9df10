"""Compilation of the kernels, once per installation, and storage of their machine code."""
