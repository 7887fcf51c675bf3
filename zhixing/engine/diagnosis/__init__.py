"""Diagnosis of the four named problems of training: one index each, from 0 (the problem is as large as it can be) to 1 (it is not there)."""
