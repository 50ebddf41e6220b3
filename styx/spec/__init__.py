"""The task spec: what the user asked for, with every fault reported at its place."""
