"""The roster: rows of the officer's sheet become people, and are compared with the people known."""
