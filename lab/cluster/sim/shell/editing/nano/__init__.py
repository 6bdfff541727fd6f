"""The nano of a Debian node: version 7.2 with Debian's nanorc."""
