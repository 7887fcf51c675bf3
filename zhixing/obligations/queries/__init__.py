"""Reads of the app, one file a noun."""
