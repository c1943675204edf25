"""Messages that the site's editors show on the frontend."""
