"""Receivers of `halyard.django.seen.flag_called`, one module for each library that can be told. They are used only when named in
``HALYARD["REPORT_TO"]``."""
