"""Adds a first announcement, so that the page has one to show."""

from django.db import migrations

TITLE = "Welcome"


def add_welcome(apps, schema_editor):
    apps.get_model("announcements", "Announcement").objects.create(
        title=TITLE,
        body="Edit this message in the Django admin.",
    )


def remove_welcome(apps, schema_editor):
    apps.get_model("announcements", "Announcement").objects.filter(title=TITLE).delete()


class Migration(migrations.Migration):
    dependencies = [("announcements", "0001_initial")]

    operations = [migrations.RunPython(add_welcome, remove_welcome)]
