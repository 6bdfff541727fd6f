"""Checks, one module for each family: the questions to the cluster, and the answers that earn the points."""
