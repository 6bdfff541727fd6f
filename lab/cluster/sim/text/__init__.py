"""Texts as Go prints them: columns, values, times. It imports nothing.

Begin with `tabwriter`.
"""
