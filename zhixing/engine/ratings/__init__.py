"""Ratings (评分): what is left of a mark when who gave it, where and for whom is taken into account (formats.md §5).

The words of the modules: a *rating* is one answer in numbers; a *factor* parts the ratings by who gave it, by teacher, course or class run into *levels*,
crossed or nested in any way; an *effect* is what a level adds, shrunken towards nothing as far as its ratings are few. *Fixed* terms are not shrunken.
"""
