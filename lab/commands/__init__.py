"""The commands of `kluster`, in modules of one or a few related commands."""
