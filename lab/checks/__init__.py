"""Checks: what they ask of the cluster, and which answers earn points. One module for each family."""
