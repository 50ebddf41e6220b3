"""What a person, or a pipeline, wants to know of a change before it is made; the one door to git."""
