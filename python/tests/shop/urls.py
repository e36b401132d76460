from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("flags", views.flags),
    path("aflags", views.aflags),
    path("page", views.page),
    path("quiet", views.quiet),
]
