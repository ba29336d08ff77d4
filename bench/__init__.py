"""The measurements behind every claim of speed: `make bench` runs them all and prints docs/performance.md's tables."""
