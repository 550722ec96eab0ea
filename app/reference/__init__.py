"""Reference data: code lists, States, groups and memberships, as shipped and as loaded."""
