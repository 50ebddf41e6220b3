"""The task server: tasks in a database, handed out over HTTP, each to one agent at a time."""
