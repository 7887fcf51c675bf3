"""Arithmetic of an annual plan: quarters and dates, seats by unit, sums against rules, and how far a line has come."""
