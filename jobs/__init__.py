"""What runs in a worker, and when: thin callables that reload by id and call one verb of salesboard/."""
