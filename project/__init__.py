"""The demo site: real countries, cities and films in MongoDB."""
