"""Commands and facts in, events out."""
