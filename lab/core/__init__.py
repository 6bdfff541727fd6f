"""Pure rules and models, without textual, docker or subprocess."""
