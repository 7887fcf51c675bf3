"""Effects (效果): whether those who were called know, do or achieve more for it, and how sure that is.

Four ways, by what was measured: twice on the same people (``gain``), once on called people and on others like them (``matching``), over years while one
cohort after another was called (``cohorts``); and before anything is measured, the smallest effect that could be seen (``detectable``). Each answer is an
``Estimate`` with its interval and a ``Verdict``; that there is no evidence is a result like any other.
"""
