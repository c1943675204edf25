"""Settings and routes of the admin site."""
