"""Trino, which Athena is made of, run for real: `make trino` brings it."""
