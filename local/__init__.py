"""One machine: every port on SQLite and folders, and the runtime that drives them."""
