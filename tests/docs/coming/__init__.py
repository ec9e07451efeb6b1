"""What the tables for newcomers say, run row by row."""
