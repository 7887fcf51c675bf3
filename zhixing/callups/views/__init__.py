"""Pages of call-ups: get, permit, call, render."""
