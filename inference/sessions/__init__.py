"""One sitting of one person, over all the calls and workers that carry it, and its rows."""
