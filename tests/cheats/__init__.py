"""A corpus of cheats and of honest but unusual repairs: a file each, with why it must or must not earn."""
