"""The commands of `kluster`, one module each or a few that belong together."""
