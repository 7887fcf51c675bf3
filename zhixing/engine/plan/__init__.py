"""The annual plan (年度培训计划): which class runs of a year cover what is needed, within money, teachers, rooms, beds and the rules.

The model, in the words of the modules: an *option* is one programme for one target group at one institution in one term; a *line* is an option with
runs and seats. Seats of lines cover *needs* (one competency of one target group), the first of its people at more worth than the last.
"""
