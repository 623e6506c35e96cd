from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names also inside JavaScript modules, so that every file may be cached for ever."""

    support_js_module_import_aggregation = True
