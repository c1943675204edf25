"""Lets the frontend's pages read what the public routes answer."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

PUBLIC_PATHS = ("/health/", "/api/")

View = Callable[[HttpRequest], HttpResponse]


def allow_frontend(get_response: View) -> View:
    """Middleware: names the frontend's origin on the public routes, never on the admin's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(PUBLIC_PATHS):
            response["Access-Control-Allow-Origin"] = settings.FRONTEND_ORIGIN
        return response

    return middleware
