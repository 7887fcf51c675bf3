"""Small groups in published tables (小单元保护): what may be shown of answers so that nobody can compute those of a few.

An *answer* has attributes (unit, level …) and a grade for each item. A *table* shows means or counts of one item for every *cell* of a cut through the
attributes; an *atom* is the finest kind of answers that any table tells apart. The attacker knows every table ever published of these answers, how many
there are of every kind, and the scale; he may add and subtract, and reason with least and greatest grades (``attack``). A *breach* is a group below the
smallest size, or a single person, of whose answers he learns too much. Cells are left out until there is none, at the least loss (``protection``): a cell
because it is small or unanimous, and others because they would give one away. ``checking`` knows nothing but tables, as any reader.

``sums`` looks at figures of several items beside each other (a block beside its questions, one upload of marks beside another), with numpy alone.
"""
