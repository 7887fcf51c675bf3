"""Pages of the resource banks."""
