"""The simulated vi and nano against recordings of Debian's own."""
