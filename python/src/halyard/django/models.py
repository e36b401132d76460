"""No models: the tables are made by ``manage.py halyard_migrate``. Django tells only apps with this module that it has migrated."""
