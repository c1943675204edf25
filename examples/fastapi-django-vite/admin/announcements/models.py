"""What is kept in the database."""

from django.db import models


class Announcement(models.Model):
    """A short message for the visitors."""

    title = models.CharField(max_length=120)
    body = models.TextField(blank=True)
    visible = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title
