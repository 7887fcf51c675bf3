"""Every write about needs."""
