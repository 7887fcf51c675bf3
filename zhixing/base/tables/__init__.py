"""Spreadsheets in and out: guarded before they are parsed, read as strings, written as text."""
