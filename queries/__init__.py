"""Views out to people: rows, lists, search, read-your-writes."""
