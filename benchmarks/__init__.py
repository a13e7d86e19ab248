"""Measurements of ours beside other people's ways, in one run. `make bench` runs them; `--help` says more."""
