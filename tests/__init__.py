"""Tests: each name is a rule."""
