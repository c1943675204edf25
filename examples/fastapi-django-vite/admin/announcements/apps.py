"""What Django knows of this application."""

from django.apps import AppConfig


class AnnouncementsConfig(AppConfig):
    """The announcements."""

    name = "announcements"
