"""Call-up (调训): who is called to which class, under quotas, days and duty limits (formats.md §3).

The model, in the words of the modules: a *pair* is one person eligible for one class; a *cell* is one unit's pairs for one class, all of which
draw on the same *limits*: the seats of the class, every quota of a unit above, and the unit's away limit in each ISO week of the class.
"""
