project_id = "project-of-the-tests"
