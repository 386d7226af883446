"""How long deliveries are kept unless the operator says otherwise."""

from datetime import timedelta

KEEP_DELIVERIES = timedelta(days=365)
