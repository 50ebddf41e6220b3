"""The messages between a task server, its agents and its clients."""
