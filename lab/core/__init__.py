"""Pure rules and models: no textual, docker or subprocess in here."""
