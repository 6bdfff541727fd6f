"""One module a fault kind."""
