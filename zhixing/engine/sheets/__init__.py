"""The officer's spreadsheets (formats.md §1) once they are lists of strings: finding headings, reading cells, and what was wrong."""
