"""The domains: one file each, named as it is stored."""
