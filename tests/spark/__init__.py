"""Spark: the third evaluator, tried on the archive's own Parquet."""
