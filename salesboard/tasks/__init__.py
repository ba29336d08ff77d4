"""What is to be done next: tasks, the cadence of each level, my day."""
