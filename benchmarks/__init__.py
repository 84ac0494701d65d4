"""Benchmarks: this project and its peers, on the same events, in the same run."""
