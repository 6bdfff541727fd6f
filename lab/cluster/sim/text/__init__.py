"""Texts as Go prints them: columns, values."""
