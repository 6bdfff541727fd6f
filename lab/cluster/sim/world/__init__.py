"""One simulated cluster put together: its nodes, its parts, and the objects it begins with. Begin with `world`."""
