from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("flags", views.flags),
    path("aflags", views.aflags),
    path("wrong", views.wrong),
    path("quiet", views.quiet),
    path("basket", views.basket),
    path("asked", views.asked),
]
