"""Text as rules see it: HTML made visible, normal forms, matching, links and measures.

Pure. Conditions import `Text` from `normalise`, `Matcher` from `match`, `find_links` from `links` and the functions
of `measures`.
"""
