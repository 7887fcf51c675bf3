"""The demonstration city: invented, believable, the same for the same seed."""
