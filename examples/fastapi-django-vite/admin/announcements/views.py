"""Public routes: the health of the site and the visible announcements."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from .models import Announcement


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Tell whether the site answers and its database too."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return JsonResponse({"status": "error", "reason": str(error)}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
def list_announcements(request: HttpRequest) -> JsonResponse:
    """List the visible announcements, newest first."""
    visible = Announcement.objects.filter(visible=True)
    return JsonResponse(list(visible.values("id", "title", "body")), safe=False)
