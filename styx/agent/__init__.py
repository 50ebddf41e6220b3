"""The agent: polls a task server, executes what it gets, and reports; and the client that it and the verbs share."""
