"""Full-screen editors. They know a text, a screen and a few functions, and nothing of the simulated world."""
