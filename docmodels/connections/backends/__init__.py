"""What serves an alias, chosen by the scheme of its HOST."""
