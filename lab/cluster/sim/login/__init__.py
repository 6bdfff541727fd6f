"""A shell at a terminal: prompts, lines that go on, history, completion. Begin with `interactive`."""
