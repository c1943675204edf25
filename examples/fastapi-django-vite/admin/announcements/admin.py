"""How the announcements are edited."""

from django.contrib import admin

from .models import Announcement


@admin.register(Announcement)
class AnnouncementAdmin(admin.ModelAdmin):
    """The list and the form of the announcements."""

    list_display = ["title", "visible", "created_at"]
    list_editable = ["visible"]
    list_filter = ["visible"]
    search_fields = ["title", "body"]
