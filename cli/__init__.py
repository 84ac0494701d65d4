"""The `mainstem` command: one file a command, thin; the rooms below do the work."""
