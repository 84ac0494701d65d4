"""Events in, Parquet out: for ever, and for SQL."""
