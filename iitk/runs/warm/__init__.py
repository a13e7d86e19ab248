"""Notebooks on kernels that need not start: forked from a process that has imported everything once."""
