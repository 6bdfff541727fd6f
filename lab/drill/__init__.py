"""The drill that ends an attempt: it acts where a check can only read, and grades what then happens."""
