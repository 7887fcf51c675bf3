"""Who owes how many hours of training, and where they stand (formats.md §2): one person in Python, a nation in SQL."""
