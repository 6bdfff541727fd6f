"""The drill at the end of an attempt: it acts where a check can only read, and grades the cluster's reaction."""
