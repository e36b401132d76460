import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()

if os.environ.get("SHOP_WARM_UP"):
    # With gunicorn --preload this runs in the parent: the engine is in use before the workers are forked.
    from halyard.django import flags_for

    flags_for("warm-up")
    print("threads:", *(thread.name for thread in threading.enumerate()), flush=True)
