"""Go's text output: columns, values, times. This package imports nothing.

Begin with `tabwriter`.
"""
