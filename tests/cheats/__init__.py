"""A corpus of cheats and of honest but unusual repairs: one file each, with the reason for its required score."""
