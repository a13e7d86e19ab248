"""Measurements of ours against the plain pandas way, side by side in one run. `make bench` runs them."""
