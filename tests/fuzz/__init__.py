"""Damaged and random inputs: nothing but clear errors, and no hang."""
