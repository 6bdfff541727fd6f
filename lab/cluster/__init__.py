"""The only door to a cluster."""
