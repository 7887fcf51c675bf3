"""The whole job without a server: three spreadsheets in, papers out (formats.md §1)."""
