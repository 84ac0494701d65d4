"""Replay: Parquet in, views out, again."""
