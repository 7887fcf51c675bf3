"""Forms of the resource banks."""
