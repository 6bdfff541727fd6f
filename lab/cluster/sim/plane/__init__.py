"""The control plane: its programs, which flags they start with, and when they answer."""
