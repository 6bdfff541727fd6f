"""The programs a person types on a node: clients of the model."""
