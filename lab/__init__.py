"""Kluster 005: a lab for learning to repair a broken Kubernetes cluster."""

__version__ = "0.1.0"
