"""Commands that are killed at any write: what the next command finds, offers and cleans up."""
