"""Rosters: received, read, applied, rolled back."""
