"""Routes of the admin site."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from announcements.views import health, list_announcements

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/announcements/", list_announcements),
    path("health/", health),
]
