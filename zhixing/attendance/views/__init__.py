"""Pages of attendance: get, permit, call, render."""
